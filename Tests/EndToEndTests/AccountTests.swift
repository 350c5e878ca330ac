//  Accounts as a tree.

import JSON
import Testing

extension EndToEnd {
    @Suite struct AccountTests {
        @Test(arguments: Scheme.allCases)
        func livesItsWholeLife(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme).withNewAccount()
            let name = uniqueName("Child ")

            let created = try session.send("PUT", "", ["data": ["name": .string(name), "language": "en-us"]])
            expectSuccess(created, 201)
            let id = try #require(created.data["id"]?.string)
            #expect(isIdentifier(id))
            #expect(created["location"] == "/v2/accounts/\(id)")

            var child = session
            child.account = id
            let read = try child.send("GET", "")
            expectSuccess(read)
            #expect(read.data["name"] == .string(name))
            #expect(read.data["realm"]?.string?.isEmpty == false)
            #expect(generation(read.json["revision"]) != nil)

            for list in ["/children", "/descendants"] {
                let answer = try session.send("GET", list)
                expectSuccess(answer)
                #expect(answer.ids == [id], "\(list)")
                #expect(answer.data[0]?["name"] == .string(name), "\(list)")
                #expect(answer.json["page_size"] == 1, "\(list)")
            }

            let renamed = uniqueName("Renamed ")
            let realm = uniqueName("r") + ".example.com"
            let replaced = try child.send("POST", "", ["data": ["name": .string(renamed), "realm": .string(realm)]])
            expectSuccess(replaced)
            #expect(replaced.data["name"] == .string(renamed))
            #expect(replaced.data["language"] == nil)

            expectSuccess(try child.send("PATCH", "", ["data": ["language": "de-de"]]))
            let merged = try child.send("PATCH", "", ["data": ["language": .null]])
            expectSuccess(merged)
            #expect(merged.data["language"] == nil)
            #expect(merged.data["name"] == .string(renamed))
            #expect(merged.data["realm"] == .string(realm))

            let deleted = try child.send("DELETE", "")
            expectSuccess(deleted)
            #expect(deleted.data["_read_only"]?["deleted"] == true)
            expectError(try child.send("GET", ""), 404, message: "bad_identifier")
            #expect(try session.send("GET", "/children").ids.isEmpty)
            #expect(try session.send("GET", "/descendants").ids.isEmpty)
        }

        @Test func descendantsAreAllBelowAndChildrenThoseDirectlyBelow() throws {
            let session = try Stack.current.session(.http).withNewAccount()
            let child = try session.withNewAccount()
            let grandchild = try child.withNewAccount()
            #expect(try session.send("GET", "/children").ids == [child.account])
            #expect(Set(try session.send("GET", "/descendants").ids) == [child.account, grandchild.account])
            // An account with others below it stays.
            let refused = try child.send("DELETE", "")
            expectError(refused, 500, message: "account_has_descendants")
            expectSuccess(try child.send("GET", ""))
        }

        @Test(arguments: Scheme.allCases)
        func thereIsNoListOfAllAccounts(scheme: Scheme) throws {
            let session = try Stack.current.session(scheme)
            let answer = try session.client.send("GET", "/v2/accounts", fields: ["X-Auth-Token: \(session.token)"])
            expectError(answer, 405, message: "invalid_method")
        }

        @Test func theCollectionCreatesBelowTheCallersAccount() throws {
            let session = try Stack.current.session(.http)
            let answer = try session.client.send(
                "PUT",
                "/v2/accounts",
                fields: ["X-Auth-Token: \(session.token)", "Content-Type: application/json"],
                body: JSON.object(["data": ["name": .string(uniqueName("account"))]]).bytes()
            )
            expectSuccess(answer, 201)
            let id = try #require(answer.data["id"]?.string)
            #expect(try session.send("GET", "/children?paginate=false").ids.contains(id))
        }

        @Test func theMasterAccountStays() throws {
            let session = try Stack.current.session(.http)
            expectError(try session.send("DELETE", ""), 405, message: "invalid_method")
            expectSuccess(try session.send("GET", ""))
        }

        @Test func aTakenNameIsNamed() throws {
            let session = try Stack.current.session(.http)
            let name = uniqueName("Company ")
            expectSuccess(try session.send("PUT", "", ["data": ["name": .string(name)]]), 201)
            let other = name.uppercased() + "!"
            expectError(
                try session.send("PUT", "", ["data": ["name": .string(other)]]),
                400,
                violation: ("name", "unique")
            )
        }

        /// Who asks for whose document, of three accounts one below the other.
        @Test func anAccountIsOpenToItselfAndThoseAbove() throws {
            let stack = try Stack.current
            let parent = try stack.session(.http).withNewAccount()
            let child = try parent.withNewAccount()
            let stranger = try stack.session(.http).withNewAccount()
            func administrator(of session: Session) throws -> Session {
                let username = uniqueName("admin")
                _ = try session.create(
                    "/users",
                    [
                        "first_name": "A", "last_name": "B", "username": .string(username),
                        "password": "a long password", "priv_level": "admin",
                    ]
                )
                let name = try #require(try session.send("GET", "").data["name"]?.string)
                return try stack.logIn(.http, account: name, username: username, password: "a long password")
            }
            var caller = try administrator(of: parent)
            let device = try child.create("/devices", ["name": "phone"])
            func status(_ account: String, _ path: String) throws -> Int {
                caller.account = account
                return try caller.send("GET", path).status
            }
            #expect(try status(parent.account, "") == 200)
            #expect(try status(child.account, "") == 200)
            #expect(try status(child.account, "/devices/\(device)") == 200)
            #expect([403, 404].contains(try status(stranger.account, "")))
            #expect([403, 404].contains(try status(stack.session(.http).home, "")))
            #expect([403, 404].contains(try status(stranger.account, "/devices/\(device)")))
            // A document of the child is not one of the parent.
            #expect(try status(parent.account, "/devices/\(device)") == 404)

            caller = try administrator(of: child)
            #expect(try status(child.account, "/devices/\(device)") == 200)
            #expect([403, 404].contains(try status(parent.account, "")))
        }
    }
}
