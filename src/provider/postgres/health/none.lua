return { status = "Healthy", message = "it has no status" }
