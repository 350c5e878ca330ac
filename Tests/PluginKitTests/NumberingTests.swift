//  The rules of users, lines, numbers, voicemail boxes and groups beyond what every association owes.

import Dispatch
import Synchronization
import TestServer
import Testing

@testable import PluginKit

@Suite struct NumberingTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        examples = Examples(server, tenant)
    }

    private func path(_ steps: String...) -> String {
        "/v2/accounts/\(tenant.account)/" + steps.joined(separator: "/")
    }

    private func make(_ name: String, _ data: JSON) throws -> String {
        try server.put(path(name), data, tenant.adminToken).id
    }

    private func number(_ exten: String, in context: String) throws -> String {
        try make("extensions", ["exten": .string(exten), "context_id": .string(context)])
    }

    private func link(_ steps: String...) throws -> Answer {
        try server.send("PUT", path(steps.joined(separator: "/")), token: tenant.adminToken)
    }

    private func unlink(_ steps: String...) throws -> Answer {
        try server.send("DELETE", path(steps.joined(separator: "/")), token: tenant.adminToken)
    }

    /// Type of context, number, whether a line may have it.
    @Test(arguments: [
        ("internal", "1000", true), ("internal", "1999", true), ("internal", "2000", false),
        ("internal", "999", false),
        ("internal", "10000", false), ("internal", "_12XX", true), ("incall", "1000", false),
        ("outcall", "1000", false),
    ])
    func aLinesNumberIsInARangeForUsers(type: String, exten: String, isFit: Bool) throws {
        let context = try make(
            "contexts",
            ["name": "c", "type": .string(type), "user_ranges": [["start": "1000", "end": "1999"]]]
        )
        let answer = try link("lines", examples.make("line"), "extensions", number(exten, in: context))
        #expect(answer.status == (isFit ? 201 : 400))
        if !isFit { #expect(answer.data["extensions"]?["association"] != nil) }
    }

    @Test func anEditThatALinkCannotBearIsRefused() throws {
        let number = try number("1001", in: examples.make("context"))
        let line = try examples.make("line")
        #expect(try link("lines", line, "extensions", number).status == 201)
        let item = path("extensions", number)
        let refused = try server.send("PATCH", item, ["exten": "3001"], tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["lines"]?["association"]?["cause"]?.string == line)
        #expect(try server.send("PATCH", item, ["exten": "1002"], tenant.adminToken).status == 200)
    }

    @Test func aSharedNumberHasOneMainUser() throws {
        let number = try number("1001", in: examples.make("context"))
        let (first, second) = (try examples.make("line"), try examples.make("line"))
        let (ada, grace) = (try examples.make("user"), try examples.make("user"))
        #expect(try link("users", ada, "lines", first).status == 201)
        #expect(try link("lines", first, "extensions", number).status == 201)
        #expect(try link("lines", second, "extensions", number).status == 201)
        #expect(try link("users", grace, "lines", second).status == 400)
        #expect(try link("users", ada, "lines", second).status == 201)
        #expect(try link("users", grace, "lines", second).status == 201)
        let third = try examples.make("line")
        #expect(try link("users", grace, "lines", third).status == 201)
        #expect(try link("lines", third, "extensions", number).status == 400)
    }

    @Test func theMainUserLeavesALineLastAndTheNextOneFollows() throws {
        let line = try examples.make("line")
        let users = [try examples.make("user"), try examples.make("user"), try examples.make("user")]
        for user in users { #expect(try link("users", user, "lines", line).status == 201) }
        func shown() throws -> [String]? {
            try server.get(path("lines", line), tenant.adminToken).data["users"]?.array?.compactMap(\.string)
        }
        #expect(try shown() == users)
        #expect(try unlink("users", users[0], "lines", line).status == 400)
        #expect(try unlink("users", users[1], "lines", line).status == 200)
        #expect(try link("users", users[1], "lines", line).status == 201)
        #expect(try shown() == [users[0], users[2], users[1]])
        // An edit moves nobody.
        _ = try server.send("PATCH", path("users", users[2]), ["username": "u", "password": "p"], tenant.adminToken)
        #expect(try shown() == [users[0], users[2], users[1]])
        #expect(try unlink("users", users[0]).status == 200)
        #expect(try shown() == [users[2], users[1]])
    }

    @Test func aGlobalVoicemailBoxBelongsToNobody() throws {
        let box = try examples.make("voicemail")
        let user = try examples.make("user")
        let item = path("voicemails", box)
        #expect(try server.send("PATCH", item, ["access": "global"], tenant.adminToken).status == 200)
        #expect(try link("users", user, "voicemails", box).status == 400)
        #expect(try server.send("PATCH", item, ["access": "personal"], tenant.adminToken).status == 200)
        #expect(try link("users", user, "voicemails", box).status == 201)
        #expect(try server.send("PATCH", item, ["access": "global"], tenant.adminToken).status == 400)
    }

    @Test func aMemberOfAGroupHasALineOfItsOwn() throws {
        let group = try examples.make("group")
        let (ada, grace) = (try examples.make("user"), try examples.make("user"))
        #expect(try link("groups", group, "users", ada).status == 400)
        let line = try examples.make("line")
        for user in [ada, grace] { #expect(try link("users", user, "lines", line).status == 201) }
        #expect(try link("groups", group, "users", ada).status == 201)
        #expect(try link("groups", group, "users", grace).status == 400)
        let both: JSON = ["users": [.string(ada), .string(grace)]]
        #expect(try server.send("PUT", path("groups", group, "users"), both, tenant.adminToken).status == 400)
    }

    /// What a link demands of another link holds when that is taken away, too.
    @Test func noLinkBreaksTheRulesOfAnother() throws {
        let (group, ada, grace) = (try examples.make("group"), try examples.make("user"), try examples.make("user"))
        let (first, second) = (try examples.make("line"), try examples.make("line"))
        for (user, line) in [(ada, first), (grace, second)] {
            #expect(try link("users", user, "lines", line).status == 201)
            #expect(try link("groups", group, "users", user).status == 201)
        }
        let before = try server.events().last?.sequence
        // The only line of a member of a group, and the line of another member.
        let bare = try unlink("users", ada, "lines", first)
        #expect(bare.status == 400)
        #expect(bare.data["lines"]?["association"]?["message"] == "The user has no line.")
        #expect(try link("users", ada, "lines", second).status == 400)
        #expect(try server.send("PUT", path("users", ada, "lines"), ["lines": []], tenant.adminToken).status == 400)
        #expect(try server.events().last?.sequence == before)
        // Another line is as good.
        let third = try examples.make("line")
        let other: JSON = ["lines": [.string(third)]]
        #expect(try server.send("PUT", path("users", ada, "lines"), other, tenant.adminToken).status == 201)
        #expect(try unlink("groups", group, "users", ada).status == 200)
        #expect(try unlink("users", ada, "lines", third).status == 200)
    }

    /// Two links that each would be allowed alone, made at the same moment, and those that must stand before.
    @Test(arguments: ["two main users of a number", "a line and its user", "a member and his line"])
    func linksThatRaceDoNotBreakARuleTogether(pair: String) throws {
        let context = try examples.make("context")
        for round in 0..<12 {
            let (ada, grace) = (try examples.make("user"), try examples.make("user"))
            let (first, second) = (try examples.make("line"), try examples.make("line"))
            let number = try number("\(1100 + round)", in: context)
            let group = try examples.make("group")
            var racers: [(method: String, path: String)] = []
            #expect(try link("users", ada, "lines", first).status == 201)
            switch pair {
            case "two main users of a number":
                #expect(try link("users", grace, "lines", second).status == 201)
                racers = [
                    ("PUT", path("lines", first, "extensions", number)),
                    ("PUT", path("lines", second, "extensions", number)),
                ]
            case "a line and its user":
                #expect(try link("lines", first, "extensions", number).status == 201)
                racers = [
                    ("PUT", path("lines", second, "extensions", number)),
                    ("PUT", path("users", grace, "lines", second)),
                ]
            default:
                racers = [
                    ("DELETE", path("users", ada, "lines", first)),
                    ("PUT", path("groups", group, "users", ada)),
                ]
            }
            let statuses = Mutex<[Int]>([])
            DispatchQueue.concurrentPerform(iterations: racers.count) { [server, tenant, racers] index in
                let racer = racers[index]
                let answer = try? server.send(racer.method, racer.path, token: tenant.adminToken)
                let status = answer?.status ?? 0
                statuses.withLock { $0.append(status) }
            }
            let outcome = statuses.withLock { $0 }
            #expect(outcome.count { $0 == 400 } == 1 && outcome.count { $0 / 100 == 2 } == 1, "\(outcome)")
        }
    }

    @Test func whatWasBrokenElsewhereBlocksNoEdit() throws {
        let (group, user, line) = (try examples.make("group"), try examples.make("user"), try examples.make("line"))
        #expect(try link("users", user, "lines", line).status == 201)
        #expect(try link("groups", group, "users", user).status == 201)
        #expect(try unlink("lines", line).status == 200)
        let edit: JSON = ["email": "ada@example.com"]
        #expect(try server.send("PATCH", path("users", user), edit, tenant.adminToken).status == 200)
        #expect(try server.send("PATCH", path("groups", group), ["name": "Others"], tenant.adminToken).status == 200)
    }

    @Test(arguments: ["extensions", "voicemails"])
    func aContextInUseIsNotDeleted(name: String) throws {
        let id = try examples.make(String(name.dropLast()))
        let document = try server.get(path(name, id), tenant.adminToken).data
        let context = try #require(document["context_id"]?.string)
        let refused = try unlink("contexts", context)
        #expect(refused.status == 400)
        #expect(refused.data["id"]?["referenced"]?["cause"]?.string == id)
        #expect(try unlink(name, id).status == 200)
        #expect(try unlink("contexts", context).status == 200)
    }

    @Test func aNumberIsUniqueWithinItsContextOnly() throws {
        let (first, second) = (try examples.make("context"), try examples.make("context"))
        let number = try number("1001", in: first)
        let taken: JSON = ["exten": "1001", "context_id": .string(first)]
        #expect(try server.send("PUT", path("extensions"), taken, tenant.adminToken).data["exten"]?["unique"] != nil)
        let other = try self.number("1001", in: second)
        let move: JSON = ["context_id": .string(first)]
        #expect(try server.send("PATCH", path("extensions", other), move, tenant.adminToken).status == 400)
        #expect(try unlink("extensions", number).status == 200)
        #expect(try server.send("PATCH", path("extensions", other), move, tenant.adminToken).status == 200)
    }
}
