//  Voicemail boxes and their messages: folders, counts, moves, copies, and whose they are.

import PluginKit
import Plugins
import TestServer
import Testing

@Suite("B5: voicemail") struct VoicemailTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let box: String
    var boxes: String { "/v2/accounts/\(tenant.account)/vmboxes" }
    var messages: String { "\(boxes)/\(box)/messages" }

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        let path = "/v2/accounts/\(tenant.account)/vmboxes"
        box = try server.put(path, ["name": "Desk", "mailbox": "1001"], tenant.adminToken).id
    }

    private func leave(_ number: Int, folder: JSON? = nil) throws -> String {
        var message: JSONObject = [
            "caller_id_number": .string("\(number)"), "timestamp": .number(JSONNumber(63_000_000_000 + number)),
        ]
        message["folder"] = folder
        return try server.put(messages, .object(message), tenant.adminToken).id
    }

    private func row(_ id: String? = nil) throws -> JSON? {
        try server.get(boxes, tenant.adminToken).rows.first { $0["id"]?.string == id ?? box }
    }

    @Test func aMessageIsNewAndKnowsItsTimeAndItsBox() throws {
        let message = try server.put(messages, [:], tenant.adminToken)
        #expect(message.data["folder"] == "new")
        #expect(message.data["timestamp"]?.int == Int(TestServer.start + gregorianOffset))
        #expect(message.data["source_id"]?.string == box)
        #expect(try message.data["media_id"]?.string == message.id)
    }

    @Test func whoReadsAMessageDoesNotMarkIt() throws {
        let id = try leave(1)
        for _ in 0..<2 {
            #expect(try server.get("\(messages)/\(id)", tenant.adminToken).data["folder"] == "new")
        }
        #expect(try row()?["folders"] == ["new": 1, "saved": 0])
    }

    @Test func aFolderIsEmptiedHoweverFullTheOthersAre() throws {
        for number in 0..<60 { _ = try leave(number) }
        let saved = try (60..<63).map { try leave($0, folder: "saved") }
        let gone = try server.send("DELETE", "\(messages)?folder=saved", token: tenant.adminToken).data["succeeded"]
        #expect(Set(gone?.array?.compactMap(\.string) ?? []) == Set(saved))
        #expect(try row()?["folders"] == ["new": 60, "saved": 0])
    }

    @Test func countsAreRightAfterEveryChange() throws {
        let ids = try (0..<4).map { try leave($0) }
        func counts() throws -> [Int?] {
            let row = try row()
            return [row?["messages"]?.int, row?["folders"]?["new"]?.int, row?["folders"]?["saved"]?.int]
        }
        #expect(try counts() == [4, 4, 0])
        _ = try server.send("POST", "\(messages)/\(ids[0])", ["folder": "saved"], tenant.adminToken)
        #expect(try counts() == [4, 3, 1])
        _ = try server.send("POST", "\(messages)/\(ids[1])", ["folder": "deleted"], tenant.adminToken)
        #expect(try counts() == [3, 2, 1])
        _ = try server.send("DELETE", "\(messages)/\(ids[2])", token: tenant.adminToken)
        #expect(try counts() == [2, 1, 1])
        #expect(try server.get(messages, tenant.adminToken).rows.count == 3)
        #expect(
            try server.get("\(messages)?filter_folder=new", tenant.adminToken).rows.map { $0["id"]?.string } == [ids[3]]
        )
        let all = try server.get("\(boxes)/messages", tenant.adminToken)
        #expect(all.data == [.object([box: ["new": 1, "saved": 1]])])
    }

    @Test func severalAreFiledInOneCommit() throws {
        let ids = try (0..<3).map { try leave($0) }
        let body: JSON = ["messages": [.string(ids[0]), "nobody", .string(ids[1])], "folder": "saved"]
        let filed = try server.send("POST", messages, body, tenant.adminToken)
        #expect(filed.status == 200)
        #expect(filed.data == ["succeeded": [.string(ids[0]), .string(ids[1])], "failed": [["nobody": "not_found"]]])
        #expect(try row()?["folders"] == ["new": 1, "saved": 2])
        // Without a folder they are saved.
        _ = try server.send("POST", messages, ["messages": [.string(ids[2])]], tenant.adminToken)
        #expect(try row()?["folders"] == ["new": 0, "saved": 3])
        let none = try server.send("POST", messages, ["messages": [], "folder": "saved"], tenant.adminToken)
        #expect(none.data["messages"]?["required"] != nil)
        let bad = try server.send(
            "POST",
            messages,
            ["messages": [.string(ids[0])], "folder": "attic"],
            tenant.adminToken
        )
        #expect(bad.status == 400)
        #expect(try row()?["folders"] == ["new": 0, "saved": 3])
    }

    @Test func messagesMoveAndAreCopiedToOtherBoxes() throws {
        let ids = try (0..<2).map { try leave($0) }
        let other = try server.put(boxes, ["name": "Other", "mailbox": "1002"], tenant.adminToken).id
        let sound = "RIFF....WAVE"
        let raw = "\(messages)/\(ids[1])/raw"
        let sent = try server.send("PUT", raw, sound, token: tenant.adminToken, fields: ["CONTENT_TYPE": "audio/x-wav"])
        #expect(sent.status == 201)
        _ = try server.send("POST", "\(messages)/\(ids[0])", ["source_id": .string(other)], tenant.adminToken)
        #expect(try server.get("\(messages)/\(ids[0])", tenant.adminToken).status == 404)
        #expect(try server.get("\(boxes)/\(other)/messages/\(ids[0])", tenant.adminToken).status == 200)
        let copy: JSON = ["messages": [.string(ids[1])], "source_id": [.string(other)]]
        _ = try server.send("POST", messages, copy, tenant.adminToken)
        #expect(try row()?["messages"] == 1)
        #expect(try row(other)?["messages"] == 2)
        let copied = try server.get("\(boxes)/\(other)/messages", tenant.adminToken).rows.compactMap {
            $0["id"]?.string
        }
        .filter { $0 != ids[0] }
        let theirs = try server.get("\(boxes)/\(other)/messages/\(copied[0])/raw", tenant.adminToken)
        let ours = try server.get(raw, tenant.adminToken)
        #expect(ours.fields[.accelRedirect] != nil)
        #expect(theirs.fields[.accelRedirect] == ours.fields[.accelRedirect])
        let nowhere = try server.send("POST", "\(messages)/\(ids[1])", ["source_id": "nobody"], tenant.adminToken)
        #expect(nowhere.status == 400)
    }

    @Test func aBoxIsEmptiedByNameByFolderOrWhole() throws {
        let ids = try (0..<4).map { try leave($0, folder: $0 < 2 ? "saved" : "new") }
        let one = try server.send("DELETE", messages, ["messages": [.string(ids[0])]], tenant.adminToken)
        #expect(one.data["succeeded"] == [.string(ids[0])])
        let saved = try server.send("DELETE", "\(messages)?folder=saved", token: tenant.adminToken)
        #expect(saved.data["succeeded"] == [.string(ids[1])])
        let rest = try server.send("DELETE", messages, token: tenant.adminToken)
        #expect(rest.data["succeeded"]?.array?.count == 2)
        #expect(try row()?["messages"] == 0)
    }

    @Test func aMessageThatIsTooOldIsFiledAndStaysAsItIs() throws {
        let (old, fresh) = (try leave(1), try server.put(messages, [:], tenant.adminToken).id)
        let retention = VoicemailRetention(server.kit)
        let month: Int64 = 30 * 86_400
        #expect(try retention.run(now: server.time, keeping: month) == 1)
        #expect(try retention.run(now: server.time, keeping: month) == 0)
        let shown = try server.get(messages, tenant.adminToken).rows
        for (id, folder, retention) in [(old, "deleted", "enforced"), (fresh, "new", nil)] {
            let whole = try server.get("\(messages)/\(id)", tenant.adminToken).data
            for message in [whole, shown.first { $0["id"]?.string == id }] {
                #expect(message?["folder"]?.string == folder && message?["retention"]?.string == retention)
            }
        }
        #expect(try row()?["folders"] == ["new": 1, "saved": 0])
        let edits: [(String, String, JSON)] = [
            ("POST", "\(messages)/\(old)", ["folder": "new"]), ("PATCH", "\(messages)/\(old)", ["length": 1]),
            ("POST", "\(messages)/\(old)", ["source_id": [.string(box)]]),
            ("POST", messages, ["messages": [.string(fresh), .string(old)], "folder": "saved"]),
        ]
        for (method, path, data) in edits {
            let refused = try server.send(method, path, data, tenant.adminToken)
            #expect(refused.status == 400 && refused.data[old]?["date_range"] != nil, "\(path) \(refused.json)")
        }
        let sound = try server.upload(
            "PUT",
            "\(messages)/\(old)/raw",
            Array("RIFFxxxxWAVE".utf8),
            type: "audio/wav",
            tenant.adminToken
        )
        #expect(sound.data[old]?["date_range"] != nil)
        #expect(try row()?["folders"] == ["new": 1, "saved": 0])
        // Only the server says what is too old.
        let claimed = try server.send("PATCH", "\(messages)/\(fresh)", ["retention": "enforced"], tenant.adminToken)
        #expect(claimed.status == 200 && claimed.data["retention"] == nil)
        #expect(try server.send("DELETE", "\(messages)/\(old)", token: tenant.adminToken).status == 200)
        server.advance(by: month + 1)
        #expect(try retention.run(now: server.time, keeping: month) == 1)
    }

    @Test func oldMessagesAreFiledBatchByBatchOfAllAccounts() throws {
        let other = try server.makeTenant("Other")
        let theirs = "/v2/accounts/\(other.account)/vmboxes"
        let id = try server.put(theirs, ["name": "B", "mailbox": "1"], other.adminToken).id
        let message: JSON = ["timestamp": 62_900_000_000]
        for _ in 0..<20 { _ = try server.put("\(theirs)/\(id)/messages", message, other.adminToken) }
        for number in 0..<130 { _ = try leave(number) }
        let retention = VoicemailRetention(server.kit)
        #expect(try retention.run(now: server.time, keeping: 86_400) { false } == 100)
        #expect(try row()?["messages"] == 50)
        #expect(try server.get(theirs, other.adminToken).rows.first?["messages"] == 0)
        #expect(try retention.run(now: server.time, keeping: 86_400) == 50)
        #expect(try row()?["messages"] == 0)
    }

    /// What cannot be filed keeps nothing behind it from being filed.
    @Test func aMessageThatNoRuleLetsGrowIsPassedOver() throws {
        func padding(_ count: Int) -> JSON { ["padding": .string(String(repeating: "x", count: count))] }
        let stuck = try server.put(messages, ["timestamp": 62_900_000_000, "padding": ""], tenant.adminToken)
        let size = try server.get("\(messages)/\(stuck.id)", tenant.adminToken).data.bytes().count
        // As long as a document may be, within the length of what filing adds.
        let longest = stride(from: 1_000_000, to: 1_000_000 - size, by: -16)
        let isLongest = try longest.contains { count in
            try server.send("PATCH", "\(messages)/\(stuck.id)", padding(count), tenant.adminToken).status == 200
        }
        try #require(isLongest)
        let gone = try server.makeTenant("Gone")
        let theirs = "/v2/accounts/\(gone.account)/vmboxes"
        let id = try server.put(theirs, ["name": "Box", "mailbox": "2001"], gone.adminToken).id
        _ = try server.put("\(theirs)/\(id)/messages", ["timestamp": 62_900_000_000], gone.adminToken)
        let account = "/v2/accounts/\(gone.account)"
        try #require(try server.send("DELETE", account, token: server.master.adminToken).status == 200)
        let old = try leave(1)
        #expect(try VoicemailRetention(server.kit).run(now: server.time, keeping: 86_400) == 1)
        #expect(try server.get("\(messages)/\(old)", tenant.adminToken).data["retention"] == "enforced")
        #expect(try server.get("\(messages)/\(stuck.id)", tenant.adminToken).data["retention"] == nil)
    }

    @Test func messagesGoWithTheirBox() throws {
        let id = try leave(1)
        _ = try server.send("DELETE", "\(boxes)/\(box)", token: tenant.adminToken)
        #expect(try server.get("\(messages)/\(id)", tenant.adminToken).status == 404)
        #expect(try server.events().contains { $0.event.name == "mailbox_message_deleted" })
    }

    @Test func aColleaguesMessagesAreNotShown() throws {
        let users = "/v2/accounts/\(tenant.account)/users"
        let people = try ["Owner", "Colleague"].map {
            try server.put(users, ["first_name": .string($0), "last_name": "X"], tenant.adminToken).id
        }
        _ = try server.send("PATCH", "\(boxes)/\(box)", ["owner_id": .string(people[0])], tenant.adminToken)
        let id = try leave(1)
        let tokens = try people.map { try server.token(tenant.account, $0) }
        for (token, status) in zip(tokens, [200, 403]) {
            for target in [messages, "\(messages)/\(id)"] { #expect(try server.get(target, token).status == status) }
            let filed = try server.send("POST", "\(messages)/\(id)", ["folder": "saved"], token)
            #expect(filed.status == status)
            #expect(try server.send("DELETE", messages, token: token).status == status)
        }
        #expect(try server.get("\(messages)/\(id)/raw", tokens[1]).status == 403)
    }

    @Test func copiesAreMadeOnceEachAndNotWithoutEnd() throws {
        let id = try leave(1)
        let other = try server.put(boxes, ["name": "Other", "mailbox": "1002"], tenant.adminToken).id
        let twice: JSON = ["messages": [.string(id), .string(id)], "source_id": [.string(other), .string(other)]]
        let copied = try server.send("POST", messages, twice, tenant.adminToken)
        #expect(copied.data["succeeded"] == [.string(id)])
        #expect(try row(other)?["messages"] == 1)
        let many = JSON.array((0...1_000).map { .string("box\($0)") })
        let refused = try server.send("POST", "\(messages)/\(id)", ["source_id": many], tenant.adminToken)
        #expect(refused.status == 400)
        #expect(refused.data["source_id"]?["maxItems"] != nil)
        let half = JSON.array((0...500).map { .string("box\($0)") })
        let two: JSON = ["messages": [.string(id), "nobody"], "source_id": half]
        #expect(
            try server.send("POST", messages, two, tenant.adminToken).data["source_id"]?["maxItems"] != nil
        )
    }

    @Test func nobodyPutsMessagesIntoAColleaguesBox() throws {
        let users = "/v2/accounts/\(tenant.account)/users"
        let people = try ["Owner", "Colleague"].map {
            try server.put(users, ["first_name": .string($0), "last_name": "X"], tenant.adminToken).id
        }
        _ = try server.send("PATCH", "\(boxes)/\(box)", ["owner_id": .string(people[0])], tenant.adminToken)
        let others = try people.enumerated().map { index, owner in
            let fields: JSON = ["name": "B", "mailbox": .string("200\(index)"), "owner_id": .string(owner)]
            return try server.put(boxes, fields, tenant.adminToken).id
        }
        let id = try leave(1)
        let token = try server.token(tenant.account, people[0])
        let targets: [JSON] = [.string(others[1]), [.string(others[0]), .string(others[1])]]
        for target in targets {
            #expect(try server.send("POST", "\(messages)/\(id)", ["source_id": target], token).status == 403)
            let several: JSON = ["messages": [.string(id)], "source_id": target]
            #expect(try server.send("POST", messages, several, token).status == 403)
        }
        #expect(try row(others[1])?["messages"] == 0)
        let own = try server.send("POST", "\(messages)/\(id)", ["source_id": .string(others[0])], token)
        #expect(own.status == 200)
        #expect(try row(others[0])?["messages"] == 1)
    }
}
