-- A person who types in Neovim, in the folder of a project. Each line that this prints has what Neovim shows.
-- It runs in old versions too: Debian 12 has 0.7.

local function say(what, shown)
  io.stdout:write(vim.fn.json_encode({ what, shown }) .. "\n")
end

local function wait(what, condition)
  if not vim.wait(60000, condition, 20) then
    error("waited in vain for " .. what)
  end
end

local function session()
  -- Newer versions start the server as the page for users says.
  if vim.lsp.config then
    dofile(vim.env.CONFIGURATION)
  end
  vim.cmd("edit sites/eu/demo.yaml")
  local buffer = vim.api.nvim_get_current_buf()
  if not vim.lsp.config then
    local client = { name = "sitewright", cmd = { "sitewright", "lsp" }, root_dir = vim.fn.getcwd() }
    vim.lsp.buf_attach_client(buffer, vim.lsp.start_client(client))
  end
  local clients = vim.lsp.get_clients or vim.lsp.get_active_clients
  wait("a client", function()
    local _, client = next(clients())
    return client and client.initialized
  end)

  local function ask(method, params)
    local is_done, result
    vim.lsp.buf_request(buffer, method, params, function(problem, answer)
      is_done, result = true, answer or problem
    end)
    wait(method, function()
      return is_done
    end)
    return result
  end
  local function at(line, character)
    local document = { uri = vim.uri_from_bufnr(buffer) }
    return { textDocument = document, position = { line = line, character = character } }
  end
  local function problems()
    return vim.tbl_map(function(it)
      return { line = it.lnum, message = it.message, severity = it.severity }
    end, vim.diagnostic.get(buffer))
  end

  vim.api.nvim_buf_set_lines(buffer, 2, 3, true, { "sitename: demo.example.com" })
  wait("a problem", function()
    return #problems() > 0
  end)
  say("problems", problems())

  local params = at(2, 0)
  params.range = { start = params.position, ["end"] = params.position }
  params.context = { diagnostics = {} }
  local action = ask("textDocument/codeAction", params)[1]
  say("action", action.title)
  vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
  say("line", vim.api.nvim_buf_get_lines(buffer, 2, 3, true)[1])
  wait("no problem", function()
    return #problems() == 0
  end)

  say("hover", ask("textDocument/hover", at(2, 2)).contents.value)

  vim.api.nvim_buf_set_lines(buffer, -1, -1, true, { "bench: " })
  local items = ask("textDocument/completion", at(3, 7))
  vim.lsp.util.apply_text_edits({ items[1].textEdit }, buffer, "utf-16")
  say("completed", vim.api.nvim_buf_get_lines(buffer, 3, 4, true)[1])

  vim.api.nvim_win_set_cursor(0, { 4, 8 })
  vim.lsp.buf.definition()
  wait("the definition", function()
    return vim.api.nvim_get_current_buf() ~= buffer
  end)
  say("definition", vim.fn.expand("%:t"))
end

local is_fine, problem = pcall(session)
if not is_fine then
  say("failed", problem)
end
vim.cmd("qall!")
