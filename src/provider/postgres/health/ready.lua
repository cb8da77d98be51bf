local status = obj.status or {}
local health = { status = "Progressing", message = status.phase or "not ready yet" }
for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" and condition.status == "True" then
    health = { status = "Healthy", message = condition.message }
  end
end
return health
