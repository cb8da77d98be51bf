local health = { status = "Healthy", message = "not reported yet" }
local found = obj.status ~= nil and obj.status.databaseStatus
if found then
  health.message = found.phase
  if found.lastError ~= nil then
    health.message = found.phase .. ": " .. found.lastError
  end
end
return health
