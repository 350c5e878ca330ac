//  Section 1: what a request target means.

import PluginKit
import TestServer
import Testing

extension Rule {
    static let paths: [Rule] = [
        Rule("1.1.1", says: "the API lies under a version") { world in
            try world.get("/v2/accounts/{A}").succeeds()
        },
        Rule(
            "1.1.2",
            otherwise: "`v2` is the only version",
            because: "what a lenient reading of numbers lets through is an accident"
        ) { world in
            for version in ["v2.0", "v02", "v-1", "V2", "2", "vX"] {
                try world.get("/\(version)/accounts/{A}").isRefused(404, "not_found")
            }
        },
        Rule(
            "1.1.3",
            otherwise: "the banner stands at / alone, and other paths are 404",
            because: "a mistyped path should not look like a success"
        ) { world in
            let banner = try world.stranger("GET", "/")
            #expect(banner.status == 200)
            #expect(banner.fields[.contentType]?.hasPrefix("text/plain") == true)
            for target in ["/favicon.ico", "/foo/bar", "/vX/accounts"] {
                try world.stranger("GET", target).isRefused(404, "not_found")
            }
        },
        Rule("1.1.4", "5.5.17", says: "v1 is gone, and its data is a bare text") { world in
            let text: JSON = "API version 1 is not supported. Please upgrade your code to use version 2."
            try world.get("/v1/accounts/{A}").isRefused(410, "gone", text)
        },
        Rule(
            "1.1.5",
            "1.1.6",
            "4.2.6",
            otherwise: "there is no v3 and no entry without envelopes",
            because: "no client uses them"
        ) { world in
            try world.get("/v3/accounts/{A}").isRefused(404, "not_found")
            try world.get("/hooks/accounts/{A}").isRefused(404, "not_found")
        },
        Rule(
            "1.1.7",
            otherwise: "no path stands for another one",
            because: "Crossbar's are unsigned and never expire, and grant a read without a token"
        ) { world in
            // hex(zlib("/v2/accounts/A/presence/x")) in Crossbar; here a word like any other.
            try world.stranger("GET", "/789cd32f33d24f4c4ececf2b29d677d42f284a2d4ecd4bd6af00005b9e0838")
                .isRefused(404, "not_found")
        },
        Rule("1.2.1", says: "the path is split first and decoded after, and a plus is no space") { world in
            let answer = try world.get("/v2/accounts/{A}/devices/a%2Fb+c%20d")
            answer.isRefused(404, "bad_identifier", ["cause": "a/b+c d", "message": "bad identifier"])
        },
        Rule("1.2.2", says: "slashes at the end do not count") { world in
            try world.get("/v2/accounts/{A}/").succeeds()
            try world.get("/v2/accounts/{A}/users///").succeeds()
        },
        Rule("1.2.3", "5.5.9", says: "an empty piece inside is an argument") { world in
            let missing: JSON = ["message": "missing account_id"]
            try world.get("/v2/accounts//users").isRefused(404, "bad identifier", missing)
            try world.get("/v2//accounts").isRefused(404, "not_found")
        },
        Rule("1.2.4", says: "a malformed escape is 400 in path and query") { world throws in
            for target in ["/v2/accounts/%zz", "/v2/accounts/{A}/%2", "/v2/accounts/{A}?a=%", "/v2/accounts/{A}?%g0=1"]
            {
                #expect(try world.get(target).status == 400)
            }
        },
        Rule("1.2.5", says: "words of the path have their case") { world in
            try world.get("/v2/Accounts/{A}").isRefused(404, "not_found")
            try world.get("/v2/accounts/{A}/Users").isRefused(404, "not_found")
        },
        Rule("1.3.1", "1.3.2", says: "a module's word is a module wherever it stands, never an argument") { world in
            try world.get("/v2/accounts/{A}/users/devices").isRefused(404, "not_found")
            try world.get("/v2/accounts/{A}/users/callflows").isRefused(404, "not_found")
            try world.get("/v2/accounts/{A}/users/nosuch").isRefused(404, "bad_identifier")
        },
        Rule("1.3.3", "1.4.3", says: "a module that is not there is an unknown endpoint") { world in
            for module in ["ip_auth", "skels", "noauthn", "storage"] {
                try world.stranger("GET", "/v2/accounts/{A}/\(module)").isRefused(404, "not_found")
            }
        },
        Rule("1.3.5", says: "`account` is the caller's own, and 401 for nobody's") { world in
            let own = try world.get("/v2/account")
            own.succeeds()
            #expect(try own.id == world.tenant.account)
            try world.get("/v2/account/users").succeeds()
            try world.stranger("GET", "/v2/account").isRefused(401, "invalid credentials", [:])
        },
        Rule("1.3.6", says: "the last noun answers") { world in
            let user = try world.user().id
            try world.get("/v2/accounts/{A}/users/\(user)/nosuch").isRefused(404, "not_found")
        },
        Rule(
            "1.3.7",
            otherwise: "an account below an account in a path is an unknown endpoint",
            because: "which of two accounts a path means must not be a matter of luck"
        ) { world in
            try world.get("/v2/accounts/{A}/accounts/{P}").isRefused(404, "not_found")
        },
        Rule("1.3.8", says: "accounts without an id can be created only, below the caller's") { world in
            try world.get("/v2/accounts").isRefused(405, "invalid_method")
            let created = try world.send("PUT", "/v2/accounts", #"{"data":{"name":"Child"}}"#)
            created.succeeds(201)
            #expect(try world.get("/v2/accounts/{A}/children").rows.map { $0["id"]?.string } == [created.id])
        },
        Rule(
            "1.4.1",
            otherwise: "an unknown first word is 404 for everybody",
            because: "the answer should not depend on who asks for something that is not there"
        ) { world in
            try world.stranger("GET", "/v2/nosuch").isRefused(404, "not_found", ["message": "not found"])
            for method in ["GET", "PUT", "POST", "DELETE"] {
                let answer = try world.server.send(method, "/v2/nosuch", token: world.server.master.adminToken)
                answer.isRefused(404, "not_found")
            }
        },
        Rule("1.4.2", "5.5.10", says: "an unknown word behind a module is an unknown endpoint") { world in
            let data: JSON = ["message": "not found"]
            try world.stranger("GET", "/v2/accounts/{A}/nosuch").isRefused(404, "not_found", data)
            try world.stranger("GET", "/v2/accounts/{A}/users/{X}/nosuch").isRefused(404, "not_found", data)
        },
        Rule("1.4.4", "5.5.12", says: "a verb that is not offered is 405") { world in
            let answer = try world.send("PATCH", "/v2/accounts/{A}/users", #"{"data":{}}"#)
            answer.isRefused(405, "invalid_method")
            #expect(answer.data["message"] == "method not allowed")
        },
        Rule(
            "1.4.4",
            otherwise: "405 names what is allowed",
            because: "the standard of HTTP demands it"
        ) { world throws in
            #expect(try world.send("PATCH", "/v2/accounts/{A}/users").fields[.allow] == "GET, PUT")
        },
        Rule(
            "1.4.5",
            "1.4.7",
            otherwise: "nouns in an order that nothing answers to are 404",
            because: "Crossbar's empty 404 and its 500 are accidents"
        ) { world in
            for method in ["GET", "PUT", "POST", "DELETE"] {
                try world.send(method, "/v2/users/{X}/accounts/{A}").isRefused(404, "not_found")
            }
        },
        Rule("1.4.6", "5.5.6", "8.3.1", says: "a document that is not there is bad_identifier, with its id") { world in
            let answer = try world.get("/v2/accounts/{A}/users/{X}")
            answer.isRefused(404, "bad_identifier", ["cause": .string(World.unknown), "message": "bad identifier"])
        },
        Rule("1.5.1", "5.5.9", says: "an account id has 32 bytes") { world in
            let data: JSON = ["message": "invalid account_id 'abc'"]
            try world.stranger("GET", "/v2/accounts/abc").isRefused(404, "bad identifier", data)
        },
        Rule("1.5.2", says: "an account that is not there is bad_identifier for who has a token") { world in
            let answer = try world.get("/v2/accounts/{X}")
            answer.isRefused(404, "bad_identifier", ["cause": .string(World.unknown), "message": "bad identifier"])
        },
        Rule(
            "1.5.2",
            otherwise: "nobody without a token learns which accounts exist",
            because: "existence is a secret of the tenants"
        ) { world in
            for account in ["{A}", "{X}"] {
                try world.stranger("GET", "/v2/accounts/\(account)").isRefused(401, "invalid_credentials")
            }
        },
        Rule("1.5.4", "2.3.2", says: "a preflight is told nothing about accounts, and needs no token") { world in
            let origin = ["HTTP_ORIGIN": "https://ui.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"]
            let targets = [
                "/v2/accounts/{A}/users", "/v2/accounts/abc", "/v2/accounts/{X}", "/v2/account/users",
                "/v2/accounts/{A}/nosuch", "/v2/accounts/{A}?auth_token=expired",
            ]
            for target in targets {
                let answer = try world.stranger("OPTIONS", target, "", origin)
                #expect(answer.status == 200, "\(target)")
                #expect(answer.bytes.isEmpty)
                #expect(answer.fields[.accessControlAllowOrigin] == "*")
            }
        },
        Rule("1.6.1", "5.3.1", says: "the client's request id comes back in field and envelope") { world in
            for target in ["/v2/accounts/{A}", "/v2/nosuch"] {
                let answer = try world.get(target, ["HTTP_X_REQUEST_ID": "abc-1.2_3"])
                #expect(answer.field("x-request-id") == "abc-1.2_3")
                #expect(answer.json["request_id"] == "abc-1.2_3")
            }
        },
        Rule(
            "1.6.1",
            otherwise: "an id that is long or holds more than plain characters is replaced",
            because: "it goes into logs and header fields"
        ) { world in
            for id in ["", "a b", "a\nb", "é", String(repeating: "x", count: 65), "\"><script>"] {
                let answer = try world.get("/v2/accounts/{A}", ["HTTP_X_REQUEST_ID": id])
                let own = try #require(answer.json["request_id"]?.string)
                #expect(own.utf8.count == 32 && own.allSatisfy(\.isHexDigit))
            }
        },
        Rule("1.6.3", says: "field, query or envelope ask for pretty printing, with `true` alone") { world throws in
            func isPretty(_ answer: Answer) -> Bool { answer.text.contains("\n    ") }
            #expect(try isPretty(world.get("/v2/accounts/{A}", ["HTTP_X_PRETTY_PRINT": "true"])))
            #expect(try isPretty(world.get("/v2/accounts/{A}?pretty_print=true")))
            let body = #"{"data":{},"pretty_print":true}"#
            #expect(try isPretty(world.send("PATCH", "/v2/accounts/{A}", body)))
            #expect(try isPretty(world.get("/v2/nosuch?pretty_print=true")))
            for word in ["1", "TRUE", "yes", ""] {
                #expect(try !isPretty(world.get("/v2/accounts/{A}?pretty_print=\(word)")))
            }
        },
        Rule(
            "1.6.4",
            otherwise: "JSONP is not offered",
            because: "it lets any page run what a name of its choice returns; CORS has replaced it"
        ) { world in
            let answer = try world.get("/v2/accounts/{A}?jsonp=cb")
            answer.succeeds()
            #expect(answer.bytes.first == UInt8(ascii: "{"))
            #expect(answer.fields[.contentType] == "application/json")
            #expect(answer.fields[.xContentTypeOptions] == "nosniff")
        },
        Rule("1.6.5", says: "of two words in a query the first counts, and one without a value is true") { world in
            for name in ["a", "b"] { try world.device(["name": .string(name)]) }
            #expect(try world.get("/v2/accounts/{A}/devices?page_size=1&page_size=2").rows.count == 1)
            let order = try world.get("/v2/accounts/{A}/devices?ascending").names
            #expect(try order == world.get("/v2/accounts/{A}/devices?ascending=true").names)
        },
    ]
}
