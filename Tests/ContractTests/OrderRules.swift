//  Section 0: which of several things that are wrong is answered.

import PluginKit
import TestServer
import Testing

extension Rule {
    static let order: [Rule] = [
        Rule("0.1", says: "the version is looked at before the body") { world in
            try world.stranger("PUT", "/v1/accounts", "{").isRefused(410, "gone")
        },
        Rule("0.1", "0.2", says: "a body that cannot be read is 400 for anybody, anywhere under /v2") { world in
            for target in ["/v2/accounts/{A}/users", "/v2/accounts/{A}/nosuch", "/v2/nosuch", "/v2/accounts/{X}"] {
                try world.stranger("PUT", target, "{").isInvalid("json", "invalid")
            }
        },
        Rule("0.1", says: "the body is read before the method is looked at") { world in
            try world.stranger("TRACE", "/v2/accounts/{A}", "{").isInvalid("json", "invalid")
        },
        Rule("0.1", says: "an expired token is refused before the path is looked at") { world in
            world.server.advance(by: 100_000)
            try world.get("/v2/accounts/{A}/nosuch").isRefused(401, "invalid credentials")
        },
        Rule("0.1", "0.2", says: "an unknown endpoint and a verb that it lacks are told before anybody is known") {
            world in
            try world.stranger("GET", "/v2/accounts/{A}/nosuch").isRefused(404, "not_found")
            try world.stranger("PATCH", "/v2/accounts/{A}/users").isRefused(405, "invalid_method")
            try world.stranger("PATCH", "/v2/accounts/abc/users").isRefused(405, "invalid_method")
        },
        Rule("0.1", says: "the token is asked for before what is accepted, and that before what exists") { world in
            let html = ["HTTP_ACCEPT": "image/png"]
            try world.stranger("GET", "/v2/accounts/{A}/users/{X}", "", html).isRefused(401, "invalid_credentials")
            try world.get("/v2/accounts/{A}/users/{X}", html).isRefused(406, "not_acceptable")
            try world.get("/v2/accounts/{A}/users/{X}").isRefused(404, "bad_identifier")
        },
        Rule(
            "0.2",
            otherwise: "the body's media type is judged right after the caller",
            because: "a client should not correct its data first to learn that the body was never read"
        ) { world in
            let type = ["CONTENT_TYPE": "text/weird"]
            try world.stranger("PUT", "/v2/accounts/{A}/users", "x", type).isRefused(401, "invalid_credentials")
            try world.send("PUT", "/v2/accounts/{A}/users", "x", type).isRefused(415, "unsupported_media_type")
        },
        Rule("0.3", says: "every noun of the path has to be right, not only the last") { world in
            try world.get("/v2/accounts/{X}/users").isRefused(404, "bad_identifier")
        },
        Rule(
            "0.5",
            "5.5.35",
            otherwise: "every refusal has an envelope",
            because: "a client then needs one way to read errors; nobody relies on an empty body"
        ) { world in
            let answers = [
                try world.get("/v2/nosuch"), try world.send("DELETE", "/v2/user_auth"),
                try world.send("FOO", "/v2/about"),
                try world.get("/v2/accounts/{A}", ["HTTP_ACCEPT": "image/png"]),
                try world.send("PUT", "/v2/accounts/{A}/users", "x", ["CONTENT_TYPE": "text/weird"]),
                try world.send("PATCH", "/v2/accounts/{A}", #"{"data":{}}"#, ["HTTP_IF_MATCH": "\"9-x\""]),
            ]
            #expect(answers.map(\.status) == [404, 405, 501, 406, 415, 412])
            for answer in answers {
                #expect(answer.json["error"]?.string == String(answer.status))
                #expect(answer.json["request_id"]?.string == answer.field("x-request-id"))
                #expect(answer.fields[.accessControlAllowOrigin] == "*")
            }
        },
    ]
}
