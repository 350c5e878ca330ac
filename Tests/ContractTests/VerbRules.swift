//  Section 2: verbs, their tunnels, and browsers of other origins.

import PluginKit
import TestServer
import Testing

extension Rule {
    private static let origin = ["HTTP_ORIGIN": "https://ui.example"]

    static let verbs: [Rule] = [
        Rule("2.1.1", "2.1.2", says: "each verb does its own, PUT with 201 and all others with 200") { world in
            let list = "/v2/accounts/{A}/devices"
            let created = try world.send("PUT", list, #"{"data":{"name":"a"}}"#)
            created.succeeds(201)
            let item = try "\(list)/\(created.id)"
            try world.get(list).succeeds()
            try world.get(item).succeeds()
            try world.send("POST", item, #"{"data":{"name":"b"}}"#).succeeds()
            try world.send("PATCH", item, #"{"data":{"x":1}}"#).succeeds()
            try world.send("DELETE", item).succeeds()
            let login = #"{"data":{"username":"admin","password":"secret","account_name":"Tenant"}}"#
            try world.stranger("PUT", "/v2/user_auth", login).succeeds(201)
        },
        Rule("2.1.4", "2.2.5", says: "a tunnelled verb answers as the verb itself") { world in
            let list = "/v2/accounts/{A}/devices"
            let created = try world.send("POST", "\(list)?verb=PUT", #"{"data":{"name":"a"}}"#)
            created.succeeds(201)
            #expect(created.fields[.location] != nil)
            let item = try "\(list)/\(created.id)"
            try world.send("POST", item, #"{"data":{"x":1},"verb":"patch"}"#).succeeds()
            let read = try world.send("POST", "\(item)?verb=GET")
            read.succeeds()
            #expect(read.data["x"] == 1 && read.data["name"] == "a")
            try world.send("POST", "\(item)?verb=delete").succeeds()
            try world.get(item).isRefused(404, "bad_identifier")
        },
        Rule(
            "2.1.5",
            "3.5.5",
            otherwise: "an empty CSV is 200 with no bytes",
            because: "clients accept both, and a download named in the fields must be one"
        ) { world in
            let answer = try world.get("/v2/accounts/{A}/devices?accept=csv")
            #expect(answer.status == 200)
            #expect(answer.bytes.isEmpty)
        },
        Rule("2.2.1", says: "a tunnelled verb has no case, and one that is not offered is 405") { world in
            let list = "/v2/accounts/{A}/devices"
            try world.send("POST", "\(list)?verb=pUt", #"{"data":{"name":"a"}}"#).succeeds(201)
            try world.send("POST", "\(list)?verb=bogus").isRefused(405, "invalid_method")
            try world.send("POST", "\(list)?verb=DELETE").isRefused(405, "invalid_method")
            try world.send("POST", "\(list)?verb=").isRefused(405, "invalid_method")
        },
        Rule(
            "2.2.2",
            "2.4.2",
            otherwise: "a field of a document named `verb` is data",
            because: "a document must not change what its request means"
        ) { world in
            let id = try world.device(["name": "a", "verb": "DELETE", "accept": "csv", "paginate": "x"]).id
            let body = #"{"data":{"name":"b","verb":"DELETE","auth_token":"x","accept":"csv","pretty_print":true}}"#
            let answer = try world.send("POST", "/v2/accounts/{A}/devices/\(id)", body)
            answer.succeeds()
            #expect(answer.data["verb"] == "DELETE" && answer.data["accept"] == "csv")
            try world.get("/v2/accounts/{A}/devices/\(id)").succeeds()
        },
        Rule(
            "2.2.2",
            otherwise: "two verbs that disagree are 400",
            because: "which one was meant is not ours to guess"
        ) { world in
            let id = try world.device().id
            let answer = try world.send(
                "POST",
                "/v2/accounts/{A}/devices/\(id)?verb=PATCH",
                #"{"data":{},"verb":"DELETE"}"#
            )
            answer.isRefused(400, "bad_request")
            let same = try world.send(
                "POST",
                "/v2/accounts/{A}/devices/\(id)?verb=PATCH",
                #"{"data":{},"verb":"patch"}"#
            )
            same.succeeds()
        },
        Rule(
            "2.2.3",
            "2.2.6",
            otherwise: "only POST is a tunnel",
            because: "a GET that changes something is sent by every link, image and prefetch"
        ) { world in
            let id = try world.device().id
            for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE"] {
                let answer = try world.send(
                    method,
                    "/v2/accounts/{A}/devices/\(id)?verb=POST",
                    #"{"data":{"name":"x"}}"#
                )
                #expect(answer.status == 405)
            }
            try world.send("GET", "/v2/accounts/{A}/devices/\(id)?verb=DELETE").isRefused(405, "invalid_method")
            #expect(try world.get("/v2/accounts/{A}/devices/\(id)?verb=GET").data["name"] == "Desk")
        },
        Rule("2.2.7", says: "who may do what is asked of the verb that is meant") { world in
            let token = try world.plainToken()
            let user = try world.user().id
            for request in [("POST", "?verb=DELETE"), ("DELETE", ""), ("POST", "?verb=PATCH")] {
                let target = "/v2/accounts/\(world.tenant.account)/users/\(user)\(request.1)"
                try world.server.send(request.0, target, token: token).isRefused(403, "forbidden")
            }
        },
        Rule("2.3.1", says: "each of three fields makes a request one of another origin") { world in
            for name in ["HTTP_ORIGIN", "HTTP_ACCESS_CONTROL_REQUEST_METHOD", "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"] {
                let answer = try world.get("/v2/accounts/{A}", [name: "x"])
                answer.succeeds()
                #expect(answer.fields[.accessControlAllowOrigin] == "*")
            }
            #expect(try world.get("/v2/accounts/{A}").fields[.accessControlAllowOrigin] == nil)
        },
        Rule("2.3.2", says: "a preflight under an unknown first word is refused") { world throws in
            #expect(try world.stranger("OPTIONS", "/v2/nosuch", "", origin).status == 404)
        },
        Rule("2.3.3", says: "OPTIONS from no browser is 405") { world in
            try world.stranger("OPTIONS", "/v2/accounts/{A}/users").isRefused(405, "invalid_method")
        },
        Rule("2.3.4", says: "every answer to another origin and every error has the five fields") { world in
            let answers = [
                try world.stranger("OPTIONS", "/v2/accounts/{A}/users", "", origin),
                try world.send("GET", "/v2/accounts/{A}/users", "", origin), try world.get("/v2/nosuch"),
            ]
            let needed = [
                "content-type", "depth", "user-agent", "x-http-method-override", "x-file-size", "x-requested-with",
                "if-modified-since", "x-file-name", "cache-control", "x-auth-token", "x-kazoo-cluster-id", "if-match",
            ]
            let exposed = ["content-type", "x-auth-token", "x-request-id", "x-kazoo-cluster-id", "location", "etag"]
            for answer in answers {
                #expect(answer.fields[.accessControlAllowOrigin] == "*")
                #expect(answer.fields[.accessControlMaxAge] == "86400")
                #expect(answer.fields[.accessControlAllowMethods]?.hasPrefix("OPTIONS, ") == true)
                let allowed = answer.fields[.accessControlAllowHeaders]?.split(separator: ", ").map(String.init) ?? []
                #expect(Set(needed).isSubset(of: allowed))
                let shown = answer.fields[.accessControlExposeHeaders]?.split(separator: ", ").map(String.init) ?? []
                #expect(Set(exposed).isSubset(of: shown))
                // A field that comes twice is none to a browser.
                #expect(answer.fields[values: .accessControlAllowOrigin].count == 1)
            }
        },
        Rule(
            "2.3.4",
            otherwise: "the methods are those of the endpoint",
            because: "reflecting what was asked for tells a browser a lie"
        ) { world in
            let fields = ["HTTP_ORIGIN": "https://ui.example", "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "FOO"]
            let answer = try world.stranger("OPTIONS", "/v2/accounts/{A}/users", "", fields)
            #expect(answer.fields[.accessControlAllowMethods] == "OPTIONS, GET, PUT")
        },
        Rule("2.3.5", says: "no answer lets a page send cookies") { world throws in
            #expect(try world.send("GET", "/v2/accounts/{A}", "", origin).fields[.accessControlAllowCredentials] == nil)
        },
        Rule(
            "2.3.5",
            otherwise: "a page may send every field that we read",
            because: "a browser's application may as well revalidate and authorise as others do"
        ) { world in
            let answer = try world.stranger("OPTIONS", "/v2/accounts/{A}/users", "", origin)
            let allowed = answer.fields[.accessControlAllowHeaders]?.split(separator: ", ").map(String.init) ?? []
            let further = [
                "authorization", "accept", "x-auth-account-id", "if-none-match", "x-pretty-print", "x-request-id",
            ]
            #expect(Set(further).isSubset(of: allowed))
            #expect(answer.fields[.vary]?.contains("origin") == true)
        },
        Rule("2.3.6", says: "x-http-method-override is not read") { world in
            let id = try world.device().id
            let override = ["HTTP_X_HTTP_METHOD_OVERRIDE": "DELETE"]
            try world.send("POST", "/v2/accounts/{A}/devices/\(id)", #"{"data":{"name":"x"}}"#, override).succeeds()
            try world.get("/v2/accounts/{A}/devices/\(id)").succeeds()
        },
        Rule("2.3.7", says: "no answer has an X-Auth-Token field") { world throws in
            #expect(try world.get("/v2/accounts/{A}").field("x-auth-token") == nil)
        },
        Rule(
            "2.4.1",
            otherwise: "control words are looked up in the query, then beside `data`",
            because: "of what a document may hold only the words of actions are control words"
        ) { world in
            for name in ["a", "b", "c"] { try world.device(["name": .string(name)]) }
            let list = "/v2/accounts/{A}/devices"
            #expect(try world.send("GET", list, #"{"data":{},"page_size":2}"#).rows.count == 2)
            #expect(try world.send("GET", "\(list)?page_size=1", #"{"data":{},"page_size":2}"#).rows.count == 1)
            #expect(try world.send("POST", "\(list)?verb=GET", #"{"data":{"page_size":2}}"#).rows.count == 2)
        },
        Rule(
            "2.5.1",
            otherwise: "HEAD answers as GET does, without a body",
            because: "the standard of HTTP demands it; the body is left out by what carries the answer"
        ) { world in
            let head = try world.send("HEAD", "/v2/accounts/{A}")
            let get = try world.get("/v2/accounts/{A}")
            #expect(head.status == 200)
            #expect(head.fields[.eTag] == get.fields[.eTag])
            #expect(head.fields[.contentLength] == get.fields[.contentLength])
            #expect(try world.send("HEAD", "/v2/accounts/{A}/users/{X}").status == 404)
            #expect(try world.send("HEAD", "/v2/user_auth").status == 405)
        },
        Rule("2.5.2", "5.5.25", says: "a method that nobody knows is 501") { world in
            for method in ["TRACE", "FOO", "CONNECT", "get", "PROPFIND"] {
                try world.send(method, "/v2/accounts/{A}").isRefused(501, "not_implemented")
            }
        },
    ]
}
