local health = { status = "Healthy", message = "waiting for its time" }
if obj.status ~= nil and obj.status.conditions ~= nil then
  for _, condition in ipairs(obj.status.conditions) do
    if condition.type == "Complete" then
      health.message = condition.message or health.message
      if condition.reason == "JobFailed" then
        health.status = "Degraded"
      end
    end
  end
end
return health
