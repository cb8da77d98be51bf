//! `sitewright lsp`, with the real program and a client that speaks the protocol.

#[cfg(test)]
mod checks;
#[cfg(test)]
mod client;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod neovim;
#[cfg(test)]
mod page;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use crate::client::Client;
    use serde_json::{Value, json};

    const DEMO: &str = "sites/eu/demo.yaml";
    const GOOD: &str = "kind: Site\nsiteName: demo.example.com\n";

    fn codes(problems: &[Value]) -> Vec<&str> {
        problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect()
    }

    #[test]
    fn problems_follow_the_text_that_is_typed() {
        let mut client = Client::ready();
        let before = client.files();
        client.open(DEMO, "kind: Site # é😀\nsitename: demo.example.com\n");
        let found = client.problems(DEMO);
        assert_eq!(codes(&found), ["SW102"]);
        assert_eq!(found[0]["severity"], 1);
        assert_eq!(found[0]["source"], "sitewright");
        assert_eq!(found[0]["message"], "unknown key `sitename`\nwrite `siteName`");
        let range = |line, start, end| json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}});
        assert_eq!(found[0]["range"], range(1, 0, 8));
        client.change(DEMO, GOOD);
        assert_eq!(client.problems(DEMO), [] as [Value; 0]);
        // Two units of UTF-16 stand for one letter.
        client
            .change(DEMO, "kind: Site\nlabels: {\"😀\": x, b: [c]}\nsiteName: demo.example.com\n");
        let found = client.problems(DEMO);
        let list = found.iter().find(|it| it["code"] == "SW103").unwrap();
        assert_eq!(list["range"], range(1, 21, 24), "{found:?}");
        // A closed text counts no more: the file has no problem.
        client.close(DEMO);
        assert_eq!(client.problems(DEMO), [] as [Value; 0]);
        assert_eq!(client.files(), before);
        client.ask("shutdown", &Value::Null);
        client.tell("exit", &Value::Null);
        assert_eq!(client.end(), Some(0));
    }

    #[test]
    fn a_problem_may_be_in_a_file_that_is_not_open() {
        let mut client = Client::ready();
        std::fs::write(
            client.path("sites/eu/other.yaml"),
            "kind: Site\nsiteName: demo.example.com\n",
        )
        .unwrap();
        client.open(DEMO, GOOD);
        let found = client.next(|message| {
            let problems = message["params"]["diagnostics"].as_array();
            problems.into_iter().flatten().any(|it| it["relatedInformation"] != json!([]))
        });
        let files = [client.uri(DEMO), client.uri("sites/eu/other.yaml")];
        let problem = &found["params"]["diagnostics"][0];
        let places =
            [&found["params"]["uri"], &problem["relatedInformation"][0]["location"]["uri"]];
        for (place, file) in places.iter().zip([&files[1], &files[0]]) {
            assert_eq!(**place, **file, "{found}");
        }
    }

    /// What a template writes is in no file.
    #[test]
    fn a_wrong_output_is_a_problem_of_its_template() {
        const TEMPLATE: &str = "templates/frappe/frappesite.yaml.j2";
        let mut client = Client::ready();
        std::fs::create_dir_all(client.path("templates/frappe")).unwrap();
        std::fs::write(client.path(TEMPLATE), "kind: Other\n").unwrap();
        client.open(TEMPLATE, "a: 1\n---\nb: 2\n");
        let found = client.problems(TEMPLATE);
        assert_eq!(codes(&found), ["SW502"]);
        let message = found[0]["message"].as_str().unwrap();
        assert!(message.ends_with("\nas rendered for eu/demo"), "{message}");
        assert_eq!(found[0]["range"]["start"], json!({"line": 0, "character": 0}));
        client.change(TEMPLATE, "{{ nothing }}\n");
        assert_eq!(codes(&client.problems(TEMPLATE)), ["SW501"]);
    }

    #[test]
    fn a_hover_has_the_documentation_and_the_origin() {
        let mut client = Client::ready();
        client.open(DEMO, &format!("{GOOD}database:\n  mode: shared\n"));
        let found = client.at("hover", DEMO, 1, 2);
        let text = found["contents"]["value"].as_str().unwrap();
        assert!(text.starts_with("`siteName`\n\nThe name of the site in Frappe"), "{text}");
        assert!(
            text.ends_with("\n- `siteName: demo.example.com`, from sites/eu/demo.yaml:2\n"),
            "{text}"
        );
        assert_eq!(found["range"]["end"], json!({"line": 1, "character": 8}));
        // A map has values of several layers.
        let found = client.at("hover", DEMO, 2, 0);
        let text = found["contents"]["value"].as_str().unwrap();
        assert!(text.contains("- `database.mode: shared`, from sites/eu/demo.yaml:4\n"), "{text}");
        assert!(text.contains(", from built-in defaults\n"), "{text}");
        // While somebody types, a text is often no YAML. Its keys have their documentation.
        client.change(DEMO, &format!("{GOOD}database:\n  mode: [\nplan: \"\n"));
        let found = client.at("hover", DEMO, 3, 3);
        let text = found["contents"]["value"].as_str().unwrap();
        assert!(text.starts_with("`database.mode`\n\n`shared`: "), "{text}");
        assert_eq!(client.at("hover", DEMO, 1, 12), Value::Null);
        // Behind the last line there is nothing.
        assert_eq!(client.at("hover", DEMO, 99, 0), Value::Null);
        assert_eq!(client.at("hover", "sites/eu/unopened.yaml", 0, 0), Value::Null);
    }

    #[test]
    fn keys_values_and_names_are_completed() {
        let mut client = Client::ready();
        std::fs::write(client.path("sites/eu/big.yaml"), "kind: Plan\n").unwrap();
        client.open(DEMO, GOOD);
        // The check has read the plan.
        client.problems(DEMO);
        let mut labels = |text: &str, line, character| {
            client.change(DEMO, text);
            let found = client.at("completion", DEMO, line, character);
            let found = found.as_array().unwrap().clone();
            let labels: Vec<String> =
                found.iter().map(|it| it["label"].as_str().unwrap().to_owned()).collect();
            (labels, found)
        };
        let (keys, items) = labels(&format!("{GOOD}da"), 2, 2);
        assert!(keys.contains(&"database".to_owned()) && !keys.contains(&"siteName".to_owned()));
        let database = items.iter().find(|it| it["label"] == "database").unwrap();
        assert_eq!(database["textEdit"]["newText"], "database:");
        assert_eq!(database["textEdit"]["range"]["start"], json!({"line": 2, "character": 0}));
        assert!(database["documentation"].as_str().unwrap().len() > 10);
        let (modes, _) = labels(&format!("{GOOD}database:\n  mode: "), 3, 8);
        assert_eq!(modes, ["shared", "dedicated", "external"]);
        assert_eq!(labels(&format!("{GOOD}plan: "), 2, 6).0, ["big"]);
        let (servers, items) = labels(&format!("{GOOD}database:\n  server: m"), 3, 11);
        assert!(!servers.is_empty());
        assert!(
            items
                .iter()
                .all(|it| it["documentation"].as_str().unwrap().starts_with("DatabaseServer eu/"))
        );
        assert!(!labels(&format!("{GOOD}bench: "), 2, 7).0.is_empty());
        // In braces, too.
        assert_eq!(
            labels(&format!("{GOOD}database: {{mode: shared, server: m}}"), 2, 34).0,
            servers
        );
        let (keys, items) = labels(&format!("{GOOD}database: {{mode: shared, st}}"), 2, 27);
        assert!(keys.contains(&"server".to_owned()) && !keys.contains(&"mode".to_owned()));
        assert!(
            items.iter().all(|it| it["textEdit"]["range"]["start"]["character"] == 25),
            "{items:?}"
        );
        assert!(labels("# ", 0, 2).0.is_empty());
    }

    #[test]
    fn a_name_leads_to_its_definition() {
        let mut client = Client::ready();
        std::fs::write(client.path("sites/eu/big.yaml"), "# Large sites.\nkind: Plan\n").unwrap();
        client.open(DEMO, &format!("{GOOD}plan: big\n"));
        client.problems(DEMO);
        let found = client.at("definition", DEMO, 2, 7);
        assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found[0]["uri"], client.uri("sites/eu/big.yaml"));
        assert_eq!(found[0]["range"]["start"]["line"], 1);
        assert_eq!(client.at("definition", DEMO, 1, 12), json!([]));
    }

    #[test]
    fn fixes_are_those_of_check() {
        let mut client = Client::ready();
        client.open(
            DEMO,
            "kind: Site\nsitename: demo.example.com\ndatabase: {mode: sharde}\nbenchs:\n  - a\n",
        );
        let actions = |client: &mut Client, line: u32, character: u32| {
            let place = json!({"line": line, "character": character});
            let params = json!({
                "textDocument": {"uri": client.uri(DEMO)},
                "range": {"start": place, "end": place},
                "context": {"diagnostics": []},
            });
            client.ask("textDocument/codeAction", &params)
        };
        let found = actions(&mut client, 1, 0);
        assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found[0]["title"], "Write `siteName` (SW102)");
        assert_eq!(found[0]["kind"], "quickfix");
        let edit = &found[0]["edit"]["changes"][client.uri(DEMO)][0];
        assert_eq!(edit["newText"], "siteName");
        assert_eq!(edit["range"]["end"], json!({"line": 1, "character": 8}));
        // What is not certain, and what has a problem afterwards too.
        assert_eq!(actions(&mut client, 2, 19), json!([]));
        assert_eq!(actions(&mut client, 3, 0), json!([]));
    }

    #[test]
    fn no_answer_shows_a_secret() {
        let mut client = Client::ready();
        let text = format!(
            "{GOOD}annotations:\n  repo: https://me:hunter2@example.com\n  api-token: hunter2\n"
        );
        client.open(DEMO, &text);
        for line in 2..5 {
            let found = client.at("hover", DEMO, line, 3).to_string();
            assert!(found.contains("annotations") && !found.contains("hunter2"), "{found}");
        }
        client.change(
            DEMO,
            &format!("{GOOD}domain: https://me:hunter2@example.com\npassword: hunter2\n"),
        );
        let found = Value::from(client.problems(DEMO)).to_string();
        assert!(found.contains("SW102") && !found.contains("hunter2"), "{found}");
    }

    #[test]
    fn a_broken_message_gets_an_error_and_changes_nothing() {
        let mut client = Client::ready();
        client.open(DEMO, GOOD);
        let before = client.files();
        for (bytes, code) in [
            ("Content-Length: 5\r\n\r\n{\"a\":", -32700),
            ("Content-Length: 2\r\n\r\n\u{fffd}", -32700),
            ("Content-Length: 18446744073709551615\r\n\r\n", -32700),
            ("Content-Length: 123456789012345678901234567890\r\n\r\n", -32700),
            ("Content-Length: -5\r\n\r\n", -32700),
            ("hello\r\n\r\n", -32700),
            (&format!("{}\r\n\r\n", "x".repeat(100_000)), -32700),
            (&format!("Content-Length: 100000\r\n\r\n{}", "[".repeat(100_000)), -32700),
            (&format!("Content-Length: 20000000\r\n\r\n{}", " ".repeat(20_000_000)), -32700),
            ("Content-Length: 2\r\n\r\n[]", -32600),
            ("Content-Length: 4\r\n\r\nnull", -32600),
            ("Content-Length: 10\r\n\r\n{\"id\":null", -32700),
            ("Content-Length: 29\r\n\r\n{\"id\":[1],\"method\":\"shutdown\"}", -32700),
            ("Content-Length: 30\r\n\r\n{\"id\":[1],\"method\":\"shutdown\"}", -32600),
        ] {
            client.raw(bytes.as_bytes());
            let answer =
                client.next(|message| message["id"].is_null() && message.get("error").is_some());
            assert_eq!(answer["error"]["code"], code, "{bytes}: {answer}");
            assert!(answer["error"]["message"].as_str().unwrap().len() > 10);
            let hover = client.at("hover", DEMO, 0, 0);
            assert!(hover["contents"]["value"].is_string(), "after {bytes}");
        }
        assert_eq!(client.files(), before);
    }

    #[test]
    fn wrong_requests_get_an_error() {
        let mut client = Client::ready();
        client.open(DEMO, GOOD);
        let uri = client.uri(DEMO);
        for (method, params, code) in [
            ("textDocument/rename", json!({}), -32601),
            ("hover", json!({}), -32601),
            ("workspace/executeCommand", json!({"command": "rm"}), -32601),
            ("textDocument/hover", json!({}), -32602),
            ("textDocument/hover", json!([1]), -32602),
            ("textDocument/hover", json!({"textDocument": {"uri": uri}}), -32602),
            (
                "textDocument/hover",
                json!({"textDocument": {"uri": uri}, "position": {"line": -1, "character": 0}}),
                -32602,
            ),
            (
                "textDocument/codeAction",
                json!({"textDocument": {"uri": uri}, "range": {"start": {"line": 0, "character": 0}}}),
                -32602,
            ),
            ("initialize", json!({}), -32600),
        ] {
            let answer = client.answer(method, &params);
            assert_eq!(answer["error"]["code"], code, "{method} {params}: {answer}");
        }
        // Notifications have no answer, whatever they say. The next request has one.
        for (method, params) in [
            ("textDocument/didOpen", json!(null)),
            (
                "textDocument/didChange",
                json!({"textDocument": {"uri": uri}, "contentChanges": "x"}),
            ),
            (
                "textDocument/didChange",
                json!({"textDocument": {"uri": uri}, "contentChanges": [{"range": {}, "text": "x"}]}),
            ),
            (
                "textDocument/didOpen",
                json!({"textDocument": {"uri": "file:///etc/passwd", "text": "a"}}),
            ),
            ("$/setTrace", json!({"value": "off"})),
        ] {
            client.tell(method, &params);
        }
        assert!(client.at("hover", DEMO, 1, 0)["contents"]["value"].is_string());
    }

    #[test]
    fn every_request_has_one_answer_even_if_it_is_cancelled() {
        let mut client = Client::ready();
        client.open(DEMO, GOOD);
        let params = json!({"textDocument": {"uri": client.uri(DEMO)}, "position": {"line": 0, "character": 0}});
        for id in 100..110 {
            client.send(&json!({"id": id, "method": "textDocument/hover", "params": params}));
            client.tell("$/cancelRequest", &json!({"id": id}));
        }
        for id in 100..110 {
            let answer = client.next(|message| message["id"] == id);
            let is_cancelled = answer["error"]["code"] == -32800;
            assert!(is_cancelled || answer["result"]["contents"].is_object(), "{answer}");
        }
    }

    #[test]
    fn the_protocol_has_an_order() {
        let mut client = Client::start();
        client.open(DEMO, "kind: Sites\n");
        assert_eq!(client.answer("textDocument/hover", &json!({}))["error"]["code"], -32002);
        let found = client.ask("initialize", &json!({"capabilities": {}}));
        assert_eq!(found["serverInfo"]["name"], "sitewright");
        assert_eq!(found["capabilities"]["positionEncoding"], "utf-16");
        client.ask("shutdown", &Value::Null);
        assert_eq!(client.answer("textDocument/hover", &json!({}))["error"]["code"], -32600);
        client.tell("exit", &Value::Null);
        assert_eq!(client.end(), Some(0));
        // Without `shutdown`, by `exit` or by the end of the pipe.
        let mut client = Client::ready();
        client.tell("exit", &Value::Null);
        assert_eq!(client.end(), Some(1));
        assert_eq!(Client::start().end(), Some(1));
        assert_eq!(Client::ready().end(), Some(1));
    }
}
