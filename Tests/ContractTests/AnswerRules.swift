//  Section 5.1 to 5.4: the envelope of an answer, its fields, and violations.

import PluginKit
import TestServer
import Testing

extension Rule {
    static let answers: [Rule] = [
        Rule("5.1.1", "5.1.7", "5.1.9", says: "a success has its words, and nothing is null") { world in
            let answer = try world.get("/v2/accounts/{A}")
            let expected = [
                "auth_token", "data", "node", "request_id", "revision", "status", "timestamp", "tokens", "version",
            ]
            #expect(answer.json.object?.keys.sorted() == expected)
            for (name, value) in answer.json.object ?? [:] {
                #expect(!value.isNull)
                #expect(name.allSatisfy { $0.isLowercase || $0 == "_" })
            }
        },
        Rule("5.1.1", "9.13.4", says: "the envelope tells what a request costs, taken or not") { world in
            let full: JSON = ["consumed": 1, "remaining": 100]
            #expect(try world.get("/v2/accounts/{A}").json["tokens"] == full)
            #expect(try world.get("/v2/accounts/{A}").json["tokens"] == full)
            let junk = try world.stranger("GET", "/v2/accounts/{A}", "", ["HTTP_X_AUTH_TOKEN": "junk"])
            #expect(junk.json["tokens"] == ["consumed": 1, "remaining": 99])
        },
        Rule("5.1.2", says: "the token of the field is repeated, and a new one comes the same way") { world in
            #expect(try world.get("/v2/accounts/{A}").json["auth_token"]?.string == world.tenant.adminToken)
            let login = #"{"data":{"username":"admin","password":"secret","account_name":"Tenant"}}"#
            let answer = try world.stranger("PUT", "/v2/user_auth", login)
            #expect(answer.json["auth_token"]?.string?.isEmpty == false)
            #expect(answer.data["auth_token"] == nil)
        },
        Rule(
            "5.1.2",
            otherwise: "a token from query, body or Authorization is not repeated",
            because: "an answer is saved and shared more easily than the request was"
        ) { world in
            let token = world.tenant.adminToken
            #expect(try world.stranger("GET", "/v2/accounts/{A}?auth_token=\(token)").json["auth_token"] == nil)
            let bearer = ["HTTP_AUTHORIZATION": "Bearer \(token)"]
            let answer = try world.stranger("GET", "/v2/accounts/{A}", "", bearer)
            answer.succeeds()
            #expect(answer.json["auth_token"] == nil)
        },
        Rule("5.1.3", says: "documents and lists that are not empty have a revision") { world in
            #expect(try world.get("/v2/accounts/{A}/devices").json["revision"] == nil)
            let created = try world.device()
            #expect(Revision(created.revision ?? "")?.generation == 1)
            let list = try #require(world.get("/v2/accounts/{A}/devices").revision)
            #expect(list.utf8.count == 32 && list.allSatisfy(\.isHexDigit))
        },
        Rule("5.1.5", says: "the node is one opaque word, and the time is UTC without fractions") { world in
            let first = try world.get("/v2/accounts/{A}")
            #expect(first.json["timestamp"] == "2027-01-15T08:00:00Z")
            #expect(try world.get("/v2/nosuch").json["node"] == first.json["node"])
        },
        Rule("5.1.6", says: "a list tells its size and its keys") { world in
            for name in ["a", "b", "c"] { try world.device(["name": .string(name)]) }
            let page = try world.get("/v2/accounts/{A}/devices?page_size=2")
            #expect(page.json["page_size"] == 2)
            #expect(page.json["next_start_key"]?.string != nil)
            #expect(page.json["start_key"] == nil)
        },
        Rule("5.1.8", says: "there are no other words, and documents hold no server's facts") { world in
            let answer = try world.get("/v2/accounts/{A}/devices/\(world.device().id)")
            for name in ["metadata", "purge", "total", "links"] { #expect(answer.json[name] == nil) }
            #expect(answer.data["_read_only"] == nil)
        },
        Rule("5.2.1", says: "an error has its words, the code as a text, and no revision") { world in
            let anonymous = try world.stranger("GET", "/v2/accounts/{A}")
            let words = ["data", "error", "message", "node", "request_id", "status", "timestamp", "tokens"]
            #expect(anonymous.json.object?.keys.sorted() == words)
            let known = try world.get("/v2/accounts/{A}/users/{X}")
            #expect(known.json.object?.keys.sorted() == (words + ["auth_token", "version"]).sorted())
        },
        Rule("5.2.2", "5.2.3", "5.2.4", says: "the status is `error`, and the code is that of HTTP") { world in
            for target in ["/v1/x", "/v2/nosuch", "/v2/accounts", "/v2/accounts/abc", "/v2/accounts/{X}"] {
                let answer = try world.get(target)
                #expect(answer.json["status"] == "error")
                #expect(answer.json["error"]?.string == String(answer.status))
                #expect(answer.json["message"]?.string?.isEmpty == false)
                #expect(answer.json["data"] != nil)
            }
        },
        Rule("5.3.1", says: "every answer of the API has a request id") { world throws in
            for target in ["/", "/v1", "/v2/nosuch", "/v2/accounts/{A}", "/v2/accounts/%zz"] {
                #expect(try world.get(target).field("x-request-id")?.utf8.count == 32)
            }
        },
        Rule("5.3.2", says: "what was created has a path, without host, query and double slashes") { world in
            let created = try world.send(
                "PUT",
                "/v2/accounts/{A}/devices/?pretty_print=true",
                #"{"data":{"name":"a"}}"#
            )
            #expect(try created.fields[.location] == "/v2/accounts/\(world.tenant.account)/devices/\(created.id)")
        },
        Rule("5.3.3", says: "an entity tag is given to who reads, and only to him") { world in
            let created = try world.device()
            #expect(created.fields[.eTag] == nil)
            let item = try "/v2/accounts/{A}/devices/\(created.id)"
            #expect(try world.get(item).fields[.eTag] == "\"\(created.revision ?? "")\"")
            let replaced = try world.send("POST", item, #"{"data":{"name":"b"}}"#)
            #expect(replaced.fields[.eTag] == nil)
            #expect(replaced.revision?.hasPrefix("2-") == true)
        },
        Rule("5.3.4", says: "no answer sets a cookie or claims a time of change") { world in
            let answer = try world.get("/v2/accounts/{A}")
            #expect(answer.fields[.setCookie] == nil)
            #expect(answer.fields[.lastModified] == nil)
        },
        Rule(
            "5.3.4",
            otherwise: "401 says how to authenticate",
            because: "the standard of HTTP demands it; `Bearer` makes no browser ask for a password"
        ) { world throws in
            #expect(try world.stranger("GET", "/v2/accounts/{A}").fields[.wwwAuthenticate] == "Bearer")
        },
        Rule("5.4.1", "5.4.12", says: "a violation is 400 and says what, where and why") { world in
            let answer = try world.send("PUT", "/v2/accounts/{A}/users", #"{"data":{"first_name":"A"}}"#)
            answer.isInvalid("last_name", "required")
            #expect(answer.data["last_name"]?["required"]?["message"] == "Field is required but missing")
            #expect(answer.data.object?.keys == ["last_name"])
        },
        Rule("5.4.3", says: "all violations come at once") { world in
            let body = #"{"data":{"first_name":"","priv_level":"god","enabled":"maybe"}}"#
            let answer = try world.send("PUT", "/v2/accounts/{A}/users", body)
            answer.isInvalid("first_name", "minLength")
            answer.isInvalid("last_name", "required")
            answer.isInvalid("priv_level", "enum")
            answer.isInvalid("enabled", "type")
        },
        Rule("5.4.4", says: "a path is joined by dots, and arrays count from 0") { world in
            let body = #"{"data":{"name":"a","flags":["x",{}],"sip":{"username":{}}}}"#
            let answer = try world.send("PUT", "/v2/accounts/{A}/devices", body)
            answer.isInvalid("flags.1", "type")
            answer.isInvalid("sip.username", "type")
            #expect(JSONPath(elements: ["a.b", "c"]).description == "a%2Eb.c")
        },
        Rule(
            "5.4.5",
            otherwise: "paths of users and accounts are joined by dots too",
            because: "Crossbar's second escaping is an accident that clients' forms stumble over"
        ) { world in
            let user: JSON = ["first_name": "a", "last_name": "b", "caller_id": ["internal": ["name": 1.5]]]
            let answer = try world.send("PUT", "/v2/accounts/{A}/users", JSON.object(["data": user]).text())
            answer.isInvalid("caller_id.internal.name", "type")
        },
        Rule("5.4.6", says: "rules have Crossbar's names and words") { world in
            let body =
                #"{"data":{"first_name":"","last_name":"b","username":"\#(String(repeating: "x", count: 300))"}}"#
            let answer = try world.send("PUT", "/v2/accounts/{A}/users", body)
            #expect(answer.data["first_name"]?["minLength"]?["message"] == "String must be at least 1 characters")
            #expect(answer.data["first_name"]?["minLength"]?["target"] == 1)
            answer.isInvalid("username", "maxLength")
        },
        Rule("5.4.7", "5.4.8", says: "defaults are filled in, and text is read as what the schema wants") { world in
            let created = try world.device(["name": "a", "enabled": "false", "call_forward": ["enabled": "true"]])
            #expect(created.data["enabled"] == false)
            #expect(created.data["call_forward"]?["enabled"] == true)
            #expect(created.data["call_forward"]?["keep_caller_id"] == true)
            #expect(created.data["sip"]?["method"] == "password")
        },
        Rule("5.4.10", says: "private names on top are dropped, those below are data") { world in
            let created = try world.device(["name": "a", "_x": 1, "pvt_y": 2, "z": ["_x": 1, "pvt_y": 2]])
            #expect(created.data["_x"] == nil && created.data["pvt_y"] == nil)
            #expect(created.data["z"] == ["_x": 1, "pvt_y": 2])
        },
    ]
}
