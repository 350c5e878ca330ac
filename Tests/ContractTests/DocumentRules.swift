//  Section 8: documents.

import PluginKit
import SQLiteStore
import TestServer
import Testing

extension Rule {
    private static let list = "/v2/accounts/{A}/devices"

    static let documents: [Rule] = [
        Rule("8.1.1", "8.1.2", says: "nobody sets or sees private fields, and everybody sees the id") { world in
            let user = try world.user([
                "first_name": "A", "last_name": "B", "username": "ab", "password": "secret", "pvt_x": 1, "_rev": "9-x",
            ])
            let read = try world.get("/v2/accounts/{A}/users/\(user.id)")
            #expect(try read.id == user.id)
            for name in read.data.object?.keys ?? [] { #expect(!name.hasPrefix("_") && !name.hasPrefix("pvt_")) }
            #expect(read.data["password"] == nil)
        },
        Rule("8.1.3", "8.6.1", says: "what was deleted says so, with the revision that it had") { world in
            let created = try world.device()
            let item = try "\(list)/\(created.id)"
            let deleted = try world.send("DELETE", item)
            deleted.succeeds()
            #expect(deleted.data["_read_only"] == ["deleted": true])
            #expect(deleted.data["name"] == "Desk")
            #expect(deleted.revision == created.revision)
            try world.get(item).isRefused(404, "bad_identifier")
            #expect(try world.get(list).rows.isEmpty)
        },
        Rule("8.1.4", "8.1.5", says: "a document remembers when it was made and changed, in Gregorian seconds") {
            world in
            let id = try world.device().id
            let start = TestServer.start + gregorianOffset
            world.server.advance(by: 60)
            try world.send("PATCH", "\(list)/\(id)", #"{"data":{"x":1}}"#).succeeds()
            #expect(try world.get("\(list)?created_to=\(start)&modified_from=\(start + 60)").rows.count == 1)
            #expect(try world.get("\(list)?modified_to=\(start)").rows.isEmpty)
            #expect(try world.get("/v2/accounts/{A}").data["created"]?.int == Int(start))
        },
        Rule("8.1.6", says: "an account shows what the server knows of it") { world in
            let account = try world.get("/v2/accounts/{A}")
            #expect(account.data["superduper_admin"] == false)
            #expect(account.data["is_reseller"] == false)
            #expect(account.data["reseller_id"]?.string == world.server.master.account)
            #expect(account.data["enabled"] == true)
            // Only an administrator who asks is shown the key.
            #expect(try world.get("/v2/accounts/{A}").data["api_key"] == nil)
            #expect(try world.get("/v2/accounts/{A}?include_api_key=true").data["api_key"]?.string?.utf8.count == 64)
        },
        Rule("8.2.1", says: "ids are 32 hexadecimal digits, and revisions count") { world in
            let created = try world.device()
            let id = try created.id
            #expect(id.utf8.count == 32 && id.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            var generations: [Int] = []
            for number in 1...3 {
                let answer = try world.send("PATCH", "\(list)/\(created.id)", #"{"data":{"x":\#(number)}}"#)
                generations.append(try #require(Revision(answer.revision ?? "")).generation)
            }
            #expect(generations == [2, 3, 4])
        },
        Rule(
            "8.2.2",
            otherwise: "the server gives every id",
            because: "an id that a client chose may be a word of a path, or somebody else's"
        ) { world in
            let created = try world.device(["name": "a", "id": "users"])
            #expect(try created.id != "users")
        },
        Rule("8.2.3", says: "the id of the path counts, not one in the data") { world in
            let id = try world.device().id
            for method in ["POST", "PATCH"] {
                let answer = try world.send(method, "\(list)/\(id)", #"{"data":{"name":"b","id":"{X}"}}"#)
                #expect(try answer.id == id)
            }
        },
        Rule("8.3.1", "8.3.2", says: "a document of another kind is not there") { world in
            let user = try world.user().id
            for method in ["GET", "PATCH", "DELETE"] {
                try world.send(method, "\(list)/\(user)", #"{"data":{}}"#).isRefused(404, "bad_identifier")
            }
            try world.get("\(list)/{A}").isRefused(404, "bad_identifier")
        },
        Rule(
            "8.3.4",
            otherwise: "a document of another kind is not overwritten",
            because: "Crossbar turns it into a user"
        ) { world in
            let device = try world.device().id
            let body = #"{"data":{"first_name":"a","last_name":"b"}}"#
            try world.send("POST", "/v2/accounts/{A}/users/\(device)", body).isRefused(404, "bad_identifier")
            #expect(try world.get("\(list)/\(device)").data["name"] == "Desk")
        },
        Rule("8.4.1", says: "unknown fields are kept as they came") { world in
            let created = try world.device(["name": "a", "x": ["y": [1, "z", 1.50]]])
            #expect(created.data["x"] == ["y": [1, "z", 1.50]])
        },
        Rule("8.4.2", says: "POST replaces: what is left out disappears") { world in
            let id = try world.device(["name": "a", "x": 1]).id
            let answer = try world.send("POST", "\(list)/\(id)", #"{"data":{"name":"b"}}"#)
            #expect(answer.data["x"] == nil)
            #expect(answer.data["name"] == "b")
        },
        Rule("8.4.3", says: "PATCH merges: null removes, {} and arrays replace, objects merge") { world in
            let id = try world.device(["name": "a", "o": ["a": 1, "b": ["c": 2]], "l": [1, 2], "e": ["x": 1]]).id
            let body = #"{"data":{"o":{"a":null,"b":{"d":3}},"l":[3],"e":{}}}"#
            let answer = try world.send("PATCH", "\(list)/\(id)", body)
            #expect(answer.data["o"] == ["b": ["c": 2, "d": 3]])
            #expect(answer.data["l"] == [3])
            #expect(answer.data["e"] == [:])
            #expect(answer.data["name"] == "a")
            try world.send("PATCH", "\(list)/\(id)", #"{"data":{"name":null}}"#).isInvalid("name", "required")
        },
        Rule("8.4.4", says: "a null in a merge takes the key away") { world in
            let id = try world.device(["name": "a", "x": 1]).id
            let answer = try world.send("PATCH", "\(list)/\(id)", #"{"data":{"x":null}}"#)
            #expect(answer.data.object?.keys.contains("x") == false)
        },
        Rule(
            "8.4.5",
            otherwise: "an account is written once, after everything is checked, and POST can remove",
            because: "a refused request must change nothing"
        ) { world in
            try world.send("PATCH", "/v2/accounts/{A}", #"{"data":{"x":1}}"#).succeeds()
            let refused = try world.send("POST", "/v2/accounts/{A}", #"{"data":{"name":"Master","x":2}}"#)
            refused.isInvalid("name", "unique")
            #expect(try world.get("/v2/accounts/{A}").data["x"] == 1)
            let stale = ["HTTP_IF_MATCH": "\"1-00000000000000000000000000000000\""]
            let body = #"{"data":{"name":"Tenant","x":3}}"#
            try world.send("POST", "/v2/accounts/{A}", body, stale).isRefused(412, "precondition_failed")
            #expect(try world.get("/v2/accounts/{A}").data["x"] == 1)
            #expect(try world.send("POST", "/v2/accounts/{A}", #"{"data":{"name":"Tenant"}}"#).data["x"] == nil)
        },
        Rule("8.4.6", says: "a realm has no spaces, and an account without one gets one") { world in
            let named = try world.send("PUT", "/v2/accounts/{A}", #"{"data":{"name":"c","realm":"c . example"}}"#)
            #expect(named.data["realm"] == "c.example")
            #expect(try world.get("/v2/accounts/{A}").data["realm"]?.string?.isEmpty == false)
        },
        Rule("8.4.7", says: "names that have to be unique are, in their circle") { world in
            let user: JSON = ["first_name": "a", "last_name": "b", "username": "Ada", "password": "secret"]
            try world.user(user)
            var again = try #require(user.object)
            again["username"] = "aDA"
            let body = JSON.object(["data": .object(again)]).text()
            try world.send("PUT", "/v2/accounts/{A}/users", body).isInvalid("username", "unique")
            let account = #"{"data":{"name":"te-NANT"}}"#
            try world.send("PUT", "/v2/accounts/{A}", account).isInvalid("name", "unique")
        },
        Rule("8.4.8", says: "a user name is kept in lower case and needs a password") { world in
            let named = try world.user(["first_name": "a", "last_name": "b", "username": "Ada", "password": "secret"])
            #expect(named.data["username"] == "ada")
            let body = #"{"data":{"first_name":"a","last_name":"b","username":"grace"}}"#
            try world.send("PUT", "/v2/accounts/{A}/users", body).isInvalid("password", "required")
        },
        Rule("8.4.9", "8.4.10", says: "a password is not kept, and a hash cannot be brought along") { world in
            let user = try world.user([
                "first_name": "a", "last_name": "b", "username": "ada", "password": "secret", "credentials": "x",
            ])
            #expect(user.data["password"] == nil)
            let login = #"{"data":{"username":"ada","password":"secret","account_name":"Tenant"}}"#
            try world.stranger("PUT", "/v2/user_auth", login).succeeds(201)
        },
        Rule("8.4.11", says: "a new password ends the tokens of the old one") { world in
            let user = try world.user(["first_name": "a", "last_name": "b", "username": "ada", "password": "secret"]).id
            let token = try world.server.token(world.tenant.account, user)
            let account = "/v2/accounts/\(world.tenant.account)"
            try world.server.get(account, token).succeeds()
            try world.send("PATCH", "\(account)/users/\(user)", #"{"data":{"password":"another"}}"#).succeeds()
            try world.server.get(account, token).isRefused(401, "invalid_credentials")
        },
        Rule("8.5.1", says: "If-Match must name the revision") { world in
            let created = try world.device()
            let item = try "\(list)/\(created.id)"
            let revision = try #require(created.revision)
            for tag in ["\"bad\"", "bad", "\"*\"", "", "\"\(revision)x\""] {
                let answer = try world.send("PATCH", item, #"{"data":{"x":0}}"#, ["HTTP_IF_MATCH": tag])
                answer.isRefused(412, "precondition_failed")
            }
            let stored = try world.get(item)
            #expect(stored.revision == revision)
            let right = ["HTTP_IF_MATCH": "\"0-a\", W/\"\(revision)\""]
            let answer = try world.send("PATCH", item, #"{"data":{"x":1}}"#, right)
            answer.succeeds()
            #expect(answer.revision?.hasPrefix("2-") == true)
            try world.send("PATCH", item, #"{"data":{"x":2}}"#, ["HTTP_IF_MATCH": "*"]).succeeds()
            try world.send("DELETE", item, "", right).isRefused(412, "precondition_failed")
        },
        Rule("8.5.1", says: "nothing can be created on a condition of what it replaces") { world in
            for tag in ["*", "\"1-a\""] {
                let answer = try world.send("PUT", list, #"{"data":{"name":"a"}}"#, ["HTTP_IF_MATCH": tag])
                answer.isRefused(412, "precondition_failed")
            }
            #expect(try world.get(list).rows.isEmpty)
            try world.send("PUT", list, #"{"data":{"name":"a"}}"#, ["HTTP_IF_NONE_MATCH": "*"]).succeeds(201)
        },
        Rule(
            "8.5.2",
            otherwise: "If-Match works on every write",
            because: "Crossbar refuses even the right one on some"
        ) { world in
            for path in ["/v2/accounts/{A}/users/\(try world.user().id)", "/v2/accounts/{A}"] {
                let read = try world.get(path)
                var fields = try #require(read.data.object)
                fields["x"] = 1
                let body = JSON.object(["data": .object(fields)]).text()
                let tag = ["HTTP_IF_MATCH": try #require(read.fields[.eTag])]
                try world.send("POST", path, body, tag).succeeds()
                try world.send("POST", path, body, tag).isRefused(412, "precondition_failed")
            }
        },
        Rule("8.5.3", says: "If-None-Match is 304 to who reads and 412 to who writes") { world in
            let id = try world.device().id
            let tag = try #require(world.get("\(list)/\(id)").fields[.eTag])
            for value in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let answer = try world.get("\(list)/\(id)", ["HTTP_IF_NONE_MATCH": value])
                #expect(answer.status == 304)
                #expect(answer.bytes.isEmpty)
                #expect(answer.fields[.eTag] == tag)
                #expect(answer.fields[.contentType] == nil)
                #expect(answer.fields[.vary] != nil)
            }
            try world.get("\(list)/\(id)", ["HTTP_IF_NONE_MATCH": "\"x\""]).succeeds()
            for method in ["POST", "PATCH", "DELETE"] {
                let answer = try world.send(
                    method,
                    "\(list)/\(id)",
                    #"{"data":{"name":"b"}}"#,
                    ["HTTP_IF_NONE_MATCH": tag]
                )
                answer.isRefused(412, "precondition_failed")
            }
        },
        Rule(
            "8.5.3",
            otherwise: "If-None-Match does not count where there is no tag",
            because: "an empty list is not a failed precondition"
        ) { world in
            try world.get(list, ["HTTP_IF_NONE_MATCH": "\"x\""]).succeeds()
            try world.get("/v2/token_auth", ["HTTP_IF_NONE_MATCH": "*"]).succeeds()
        },
        Rule(
            "8.5.4",
            otherwise: "the tag of a list is that of what it shows",
            because: "Crossbar's hash of the whole answer never comes twice"
        ) { world in
            try world.device()
            try world.device()
            let page = "\(list)?page_size=2"
            let tag = try #require(world.get(page).fields[.eTag])
            #expect(try world.get(page, ["HTTP_IF_NONE_MATCH": tag]).status == 304)
            // A further page is news, even if this one's rows are the same.
            for _ in 0..<8 { try world.device() }
            let rows = try world.get("\(list)?page_size=10")
            let shorter = try world.get("\(list)?page_size=9")
            #expect(rows.fields[.eTag] != shorter.fields[.eTag])
            #expect(try world.get(page, ["HTTP_IF_NONE_MATCH": tag]).status == 200)
        },
        Rule("8.5.5", says: "without a condition the last write wins") { world in
            let id = try world.device().id
            for name in ["b", "c"] {
                try world.send("POST", "\(list)/\(id)", #"{"data":{"name":"\#(name)","_rev":"1-x"}}"#).succeeds()
            }
            #expect(try world.get("\(list)/\(id)").data["name"] == "c")
        },
        Rule(
            "8.6.2",
            otherwise: "a client's wish to delete for good is not granted",
            because: "any user could then leave nothing to restore"
        ) { world in
            let id = try world.device().id
            let deleted = try world.send("DELETE", "\(list)/\(id)?should_soft_delete=false")
            #expect(deleted.data["_read_only"] == ["deleted": true])
            let scope = Scope.account(DocumentID(world.tenant.account))
            #expect(try world.server.store.document(DocumentID(id), in: scope)?.isDeleted == true)
        },
        Rule("8.6.3", says: "what is deleted cannot be deleted again") { world in
            let id = try world.device().id
            try world.send("DELETE", "\(list)/\(id)").succeeds()
            try world.send("DELETE", "\(list)/\(id)").isRefused(404, "bad_identifier")
        },
        Rule(
            "8.6.5",
            otherwise: "a user who is deleted or switched off has no tokens",
            because: "Crossbar's live until they expire"
        ) { world in
            let account = "/v2/accounts/\(world.tenant.account)"
            for change in ["DELETE", "PATCH"] {
                let user = try world.user().id
                let token = try world.server.token(world.tenant.account, user)
                try world.server.get(account, token).succeeds()
                try world.send(change, "\(account)/users/\(user)", #"{"data":{"enabled":false}}"#).succeeds()
                try world.server.get(account, token).isRefused(401, "invalid_credentials")
            }
        },
    ]
}
