local status = obj.status or {}
local health = { status = "Healthy", message = "waiting for its time" }
if status.error ~= nil and status.error ~= "" then
  health = { status = "Degraded", message = status.error }
elseif status.lastScheduleTime ~= nil then
  health.message = "last backup at " .. status.lastScheduleTime
end
return health
