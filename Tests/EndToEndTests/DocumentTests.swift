//  Users and devices: list, create, read, replace, merge, delete, in Crossbar's envelope.

import JSON
import Testing

/// A kind of document, by its examples.
struct DocumentKind: Sendable, CustomTestStringConvertible {
    var testDescription: String { collection }
    var collection: String
    /// What a document needs, with one field, `optional`, that it does not need.
    var document: @Sendable () -> JSON
    var optional: String
    /// A field that a list's row shows, and another value for it.
    var shown: (field: String, value: JSON)
    /// An object with two members, to be merged in.
    var nested: (field: String, value: JSON, kept: String, changed: String, change: JSON)

    static let users = DocumentKind(
        collection: "users",
        document: { ["first_name": "Ada", "last_name": .string(uniqueName("Lovelace")), "email": "ada@example.com"] },
        optional: "email",
        shown: ("first_name", "Grace"),
        nested: ("call_forward", ["enabled": true, "number": "+12125550100"], "number", "enabled", false)
    )

    static let devices = DocumentKind(
        collection: "devices",
        document: { ["name": .string(uniqueName("phone")), "device_type": "softphone", "language": "en-us"] },
        optional: "language",
        shown: ("name", "desk"),
        nested: ("sip", ["username": "desk", "realm": "example.com"], "realm", "username", "other")
    )

    static let all = [users, devices]
}

extension EndToEnd {
    @Suite struct DocumentTests {
        @Test(arguments: Scheme.allCases, DocumentKind.all)
        func livesItsWholeLife(scheme: Scheme, kind: DocumentKind) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let path = "/\(kind.collection)"

            // Create.
            let document = kind.document()
            let created = try session.send("PUT", path, ["data": document])
            expectSuccess(created, 201)
            let id = try #require(created.data["id"]?.string)
            #expect(isIdentifier(id))
            #expect(generation(created.json["revision"]) == 1)
            #expect(created["location"] == "/v2/accounts/\(session.account)\(path)/\(id)")
            #expect(created.json["auth_token"] == .string(session.token))
            let names = created.data.object?.keys ?? []
            #expect(!names.contains { $0.hasPrefix("pvt_") || $0.hasPrefix("_") && $0 != "_read_only" })

            // Read.
            let item = "\(path)/\(id)"
            let read = try session.send("GET", item)
            expectSuccess(read)
            #expect(read.json["revision"] == created.json["revision"])
            for (name, value) in document.object ?? [:] { #expect(read.data[name] == value, "\(name)") }

            // List.
            let list = try session.send("GET", path)
            expectSuccess(list)
            #expect(list.ids == [id])
            #expect(list.json["page_size"] == 1)
            #expect(list.json["start_key"] == nil)
            #expect(list.json["next_start_key"] == nil)

            // Replace: what is not sent is gone.
            var replacement = document
            replacement[kind.optional] = nil
            replacement[kind.shown.field] = kind.shown.value
            let replaced = try session.send("POST", item, ["data": replacement])
            expectSuccess(replaced)
            #expect(generation(replaced.json["revision"]) == 2)
            #expect(replaced.data[kind.optional] == nil)
            #expect(replaced.data[kind.shown.field] == kind.shown.value)
            #expect(try session.send("GET", path).data[0]?[kind.shown.field] == kind.shown.value)

            // Merge: an object keeps what is not named, and null removes.
            expectSuccess(try session.send("PATCH", item, ["data": [kind.nested.field: kind.nested.value]]))
            let merged = try session.send(
                "PATCH",
                item,
                ["data": [kind.nested.field: [kind.nested.changed: kind.nested.change]]]
            )
            expectSuccess(merged)
            #expect(generation(merged.json["revision"]) == 4)
            #expect(merged.data[kind.shown.field] == kind.shown.value)
            #expect(merged.data[kind.nested.field]?[kind.nested.changed] == kind.nested.change)
            let kept = kind.nested.value[kind.nested.kept]
            #expect(merged.data[kind.nested.field]?[kind.nested.kept] == kept)
            let removed = try session.send(
                "PATCH",
                item,
                ["data": [kind.nested.field: [kind.nested.kept: .null]]]
            )
            expectSuccess(removed)
            #expect(removed.data[kind.nested.field]?[kind.nested.kept] == nil)
            #expect(removed.data[kind.nested.field]?[kind.nested.changed] == kind.nested.change)

            // Delete.
            let deleted = try session.send("DELETE", item)
            expectSuccess(deleted)
            #expect(deleted.data["_read_only"]?["deleted"] == true)
            #expect(deleted.data["id"] == .string(id))
            for method in ["GET", "DELETE"] {
                let gone = try session.send(method, item)
                expectError(gone, 404, message: "bad_identifier")
                #expect(gone.data["cause"] == .string(id))
            }
            let empty = try session.send("GET", path)
            expectSuccess(empty)
            #expect(empty.data == [])
            #expect(empty.json["page_size"] == 0)
        }

        @Test func aPasswordIsNeverShown() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let password = uniqueName("password")
            let created = try session.send(
                "PUT",
                "/users",
                [
                    "data": [
                        "first_name": "Ada", "last_name": "Lovelace", "username": .string(uniqueName("user")),
                        "password": .string(password),
                    ]
                ]
            )
            expectSuccess(created, 201)
            let id = try #require(created.data["id"]?.string)
            for answer in [created, try session.send("GET", "/users/\(id)"), try session.send("GET", "/users")] {
                #expect(!answer.text.contains(password))
                #expect(!answer.text.contains("md5"))
                #expect(answer.data["password"] == nil)
            }
        }

        @Test(arguments: Scheme.allCases)
        func aListComesInPages(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            var created: Set<String> = []
            for _ in 0..<120 { created.insert(try session.create("/devices", ["name": "phone"])) }

            var seen: [String] = []
            var sizes: [Int] = []
            var start: String?
            repeat {
                let page = try session.send("GET", "/devices" + (start.map { "?start_key=\($0)" } ?? ""))
                expectSuccess(page)
                #expect((page.json["start_key"]?.string == nil) == (start == nil))
                seen += page.ids
                sizes.append(page.json["page_size"]?.int ?? -1)
                start = page.json["next_start_key"]?.string
            } while start != nil && sizes.count < 10
            #expect(sizes == [50, 50, 20])
            #expect(seen.count == 120)
            #expect(Set(seen) == created)

            #expect(try session.send("GET", "/devices?page_size=10").ids == Array(seen.prefix(10)))
            #expect(
                try session.send("GET", "/devices?ascending=true&page_size=10").ids == Array(seen.reversed().prefix(10))
            )
            let all = try session.send("GET", "/devices?paginate=false")
            #expect(Set(all.ids) == created)
            for name in ["page_size", "start_key", "next_start_key"] { #expect(all.json[name] == nil, "\(name)") }
            for size in ["0", "x", "-1"] {
                expectError(try session.send("GET", "/devices?page_size=\(size)"), 404, message: "faulty_request")
            }
        }

        @Test func whatIsWrittenInAnotherWayIsTheSame() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let created = try session.send("PUT", "/devices//", ["DATA": ["name": "phone"], "Auth-Token": "x"])
            expectSuccess(created, 201)
            let id = try #require(created.data["id"]?.string)
            #expect(created["location"] == "/v2/accounts/\(session.account)/devices/\(id)")
            #expect(try session.send("GET", "/devices/").ids == [id])
            #expect(
                try session.send("GET", "/devices/%\(String(id.utf8.first ?? 0, radix: 16))\(id.dropFirst())").status
                    == 200
            )
        }

        @Test func keysThatAreTheServersAreNotTaken() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let created = try session.send(
                "PUT",
                "/devices",
                ["data": ["name": "phone", "_id": "x", "_rev": "9-x", "pvt_deleted": true, "pvt_account_id": "x"]]
            )
            expectSuccess(created, 201)
            let id = try #require(created.data["id"]?.string)
            let read = try session.send("GET", "/devices/\(id)")
            expectSuccess(read)
            for name in ["_id", "pvt_deleted", "pvt_account_id"] { #expect(read.data[name] == nil) }
            #expect(read.data["_rev"] == nil)
            #expect(generation(read.json["revision"]) == 1)
        }

        @Test func aListIsFiltered() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let ada = try session.create("/users", ["first_name": "Ada", "last_name": "L", "enabled": true])
            let bob = try session.create("/users", ["first_name": "Bob", "last_name": "M", "enabled": false])
            let rows: [(String, Set<String>)] = [
                ("filter_first_name=Ada", [ada]), ("filter_first_name=ada", []), ("filter_not_first_name=Ada", [bob]),
                ("filter_enabled=false", [bob]), ("has_key=first_name", [ada, bob]), ("key_missing=first_name", []),
                ("filter_pvt_type=user", []),
            ]
            for (query, expected) in rows {
                #expect(Set(try session.send("GET", "/users?\(query)").ids) == expected, "\(query)")
            }
        }

        @Test(arguments: Scheme.allCases)
        func aTakenUserNameIsNamed(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let document: JSON = [
                "first_name": "Ada", "last_name": "Lovelace", "username": "ada", "password": "a long password",
            ]
            _ = try session.create("/users", document)
            var other = document
            other["username"] = "ADA"
            expectError(try session.send("PUT", "/users", ["data": other]), 400, violation: ("username", "unique"))
            // Another account has names of its own.
            expectSuccess(try session.withNewAccount().send("PUT", "/users", ["data": document]), 201)
        }
    }
}
