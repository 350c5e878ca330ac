//  Revisions as preconditions. Source: RFC 9110 §13.

import JSON
import Testing

extension EndToEnd {
    @Suite struct ConditionTests {
        @Test(arguments: Scheme.allCases, DocumentKind.all)
        func anUnchangedDocumentIsNotSentAgain(scheme: Scheme, kind: DocumentKind) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let item = "/\(kind.collection)/" + (try session.create("/\(kind.collection)", kind.document()))
            let read = try session.send("GET", item)
            let tag = try #require(read["etag"])
            #expect(tag == "\"\(read.json["revision"]?.string ?? "")\"")

            for field in [tag, "W/\(tag)", "*", "\"other\", \(tag)"] {
                let answer = try session.send("GET", item, fields: ["If-None-Match: \(field)"])
                #expect(answer.status == 304, "\(field)")
                #expect(answer.body.isEmpty)
                #expect(answer["etag"] == tag)
            }
            expectSuccess(try session.send("GET", item, fields: ["If-None-Match: \"other\""]))

            expectSuccess(try session.send("PATCH", item, ["data": [kind.shown.field: kind.shown.value]]))
            let changed = try session.send("GET", item, fields: ["If-None-Match: \(tag)"])
            expectSuccess(changed)
            #expect(changed["etag"] != tag)
        }

        @Test(arguments: Scheme.allCases, ["POST", "PATCH", "DELETE"])
        func aStaleRevisionIsRefused(scheme: Scheme, method: String) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let item = "/devices/" + (try session.create("/devices", ["name": "phone"]))
            let stale = try #require(try session.send("GET", item)["etag"])
            expectSuccess(try session.send("PATCH", item, ["data": ["name": "desk"]]))
            let current = try session.send("GET", item)
            let envelope: JSON? = method == "DELETE" ? nil : ["data": ["name": "other"]]

            for tag in [stale, "\"bad\""] {
                let answer = try session.send(method, item, envelope, fields: ["If-Match: \(tag)"])
                expectError(answer, 412)
                #expect(try session.send("GET", item).json["revision"] == current.json["revision"])
            }
            let tag = try #require(current["etag"])
            expectSuccess(try session.send(method, item, envelope, fields: ["If-Match: \(tag)"]))
        }
    }
}
