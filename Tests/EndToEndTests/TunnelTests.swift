//  Everything with GET and POST alone.

import JSON
import Testing

extension EndToEnd {
    @Suite struct TunnelTests {
        @Test(arguments: Scheme.allCases, DocumentKind.all)
        func postAndGetDoEverything(scheme: Scheme, kind: DocumentKind) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let path = "/\(kind.collection)"

            let created = try session.send("POST", path + "?verb=PUT", ["data": kind.document()])
            expectSuccess(created, 201)
            let id = try #require(created.data["id"]?.string)
            #expect(created["location"] == "/v2/accounts/\(session.account)\(path)/\(id)")
            let item = "\(path)/\(id)"

            let merged = try session.send(
                "POST",
                item + "?verb=patch",
                ["data": [kind.shown.field: kind.shown.value]]
            )
            expectSuccess(merged)
            #expect(merged.data[kind.shown.field] == kind.shown.value)
            #expect(merged.data[kind.optional] != nil)

            let read = try session.send("POST", item, ["data": [:], "verb": "get"])
            expectSuccess(read)
            #expect(read.data == merged.data)
            #expect(read.json["revision"] == merged.json["revision"])

            let deleted = try session.send("POST", item, ["data": [:], "verb": "delete"])
            expectSuccess(deleted)
            expectError(try session.send("GET", item), 404, message: "bad_identifier")
        }

        @Test(arguments: Scheme.allCases)
        func theEnvelopesVerbCreates(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let answer = try session.send("POST", "/devices", ["verb": "Put", "data": ["name": "phone"]])
            expectSuccess(answer, 201)
        }

        @Test(arguments: Scheme.allCases, ["DELETE", "POST", "PUT", "PATCH", "delete"])
        func aGetNeverChangesAnything(scheme: Scheme, verb: String) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let item = "/devices/" + (try session.create("/devices", ["name": "phone"]))
            let before = try session.send("GET", item)
            expectError(try session.send("GET", "\(item)?verb=\(verb)"), 405, message: "invalid_method")
            expectError(
                try session.send("GET", item, ["verb": .string(verb), "data": ["name": "other"]]),
                405,
                message: "invalid_method"
            )
            let after = try session.send("GET", item)
            #expect(after.data == before.data)
            #expect(after.json["revision"] == before.json["revision"])
        }

        @Test func aVerbThatIsNoneIsRefused() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            for verb in ["bogus", "TRACE", "OPTIONS", ""] {
                let answer = try session.send("POST", "/devices?verb=\(verb)", ["data": ["name": "phone"]])
                expectError(answer, 405, message: "invalid_method")
            }
            #expect(try session.send("GET", "/devices").ids.isEmpty)
        }

        @Test func twoVerbsThatDisagreeAreRefused() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let answer = try session.send("POST", "/devices?verb=put", ["verb": "delete", "data": ["name": "phone"]])
            expectError(answer, 400)
            #expect(try session.send("GET", "/devices").ids.isEmpty)
        }

        @Test func aFieldOfTheDocumentIsNoVerb() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let id = try session.create("/devices", ["name": "phone", "verb": "delete"])
            let answer = try session.send("POST", "/devices/\(id)", ["data": ["name": "desk", "verb": "delete"]])
            expectSuccess(answer)
            #expect(try session.send("GET", "/devices/\(id)").data["verb"] == "delete")
        }

        /// A plain form of a page without scripts.
        @Test(arguments: Scheme.allCases)
        func aFormCreates(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let form =
                "verb=put&auth_token=\(session.token)&data.name=front+desk&data.sip.username=desk"
                + "&data.enabled=false&accept=application%2Fjson"
            let answer = try session.client.send(
                "POST",
                "/v2/accounts/\(session.account)/devices",
                fields: ["Content-Type: application/x-www-form-urlencoded", "Accept: text/html"],
                body: Array(form.utf8)
            )
            expectSuccess(answer, 201)
            #expect(answer.data["name"] == "front desk")
            #expect(answer.data["enabled"] == false)
            #expect(answer.data["sip"]?["username"] == "desk")
        }
    }
}
