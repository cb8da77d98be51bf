local health = { status = "Progressing", message = "not ready yet" }
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Ready" then
      health.message = condition.message or health.message
      if condition.status == "True" then
        health.status = "Healthy"
      end
    end
  end
end
return health
