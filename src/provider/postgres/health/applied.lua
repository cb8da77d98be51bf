local status = obj.status or {}
local health = { status = "Progressing", message = status.message or "not applied yet" }
if status.applied and status.observedGeneration == obj.metadata.generation then
  health = { status = "Healthy", message = "applied" }
end
return health
