local status = obj.status or {}
local health = { status = "Progressing", message = status.phaseReason or status.phase or "not ready yet" }
if status.phase == "active" or status.phase == "paused" then
  health = { status = "Healthy", message = status.phase }
end
return health
