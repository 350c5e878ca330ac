//  Many changes, one reload; none is forgotten, and bulk work can put them off.

import DocumentStore
import Events
import Foundation
import PluginKit
import SQLiteStore
import TestServer
import Testing

@Suite struct ReloadTests {
    /// What a reload file holds: the sequence of the event that asked for it; nil if there is none.
    private func request(_ name: String, in directory: String) -> Int64? {
        let text = try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
        return (text?.trimmingCharacters(in: .newlines)).flatMap { Int64($0) }
    }

    @Test func whatIsStaleIsSaidAfterTheCommitAndAgainAfterTheNext() throws {
        let fixture = try EventsFixture()
        let directory = fixture.directory.path + "/reload"
        try fixture.withRelay(reload: directory) {
            for round in 0..<2 {
                _ = try fixture.create("menus", ["name": .string("menu \(round)")])
                let last = try fixture.lastSequence()
                try eventually("the dialplan is stale") { request("dialplan", in: directory) == last }
                #expect(request("voicemail", in: directory) == nil)
            }
        }
    }

    @Test func aRelayThatRunsBeginsAnewWhereItIsPut() throws {
        let fixture = try EventsFixture()
        let directory = fixture.directory.path + "/reload"
        try fixture.withRelay(reload: directory) {
            _ = try fixture.create("menus", ["name": "Main"])
            let last = try fixture.lastSequence()
            try eventually("all is delivered") { try fixture.server.store.consumers()["reload"] == last }
            try FileManager.default.removeItem(atPath: "\(directory)/dialplan")
            try fixture.client().replay("reload", after: last - 1)
            try eventually("it is delivered again") { request("dialplan", in: directory) == last }
            try eventually("all is delivered") { try fixture.server.store.consumers()["reload"] == last }
        }
    }

    @Test func manyChangesMakeFewRequests() throws {
        let fixture = try EventsFixture()
        let directory = fixture.directory.path + "/reload"
        let user = try fixture.makeUser()
        let began = ContinuousClock.now
        let seen = try fixture.withRelay(reload: directory) {
            var seen: Set<Int64> = []
            for value in 0..<300 {
                try fixture.edit(user, value)
                if let request = request("sip", in: directory) { seen.insert(request) }
            }
            let last = try fixture.lastSequence()
            try eventually("all is said") { request("sip", in: directory) == last }
            return seen.union([last])
        }
        // One for each half second, and one for each end of it.
        let halfSeconds = (ContinuousClock.now - began) / .milliseconds(500)
        #expect(seen.count <= Int(halfSeconds) + 2)
    }

    @Test func bulkWorkPutsReloadsOffAndOneCatchesUp() throws {
        let fixture = try EventsFixture()
        let directory = fixture.directory.path + "/reload"
        let path = "/v2/configuration/live_reload"
        let (server, token) = (fixture.server, fixture.server.master.adminToken)
        #expect(try server.get(path, token).data["enabled"] == true)
        #expect(try server.send("PUT", path, ["enabled": false], fixture.tenant.adminToken).status == 403)
        #expect(try server.send("PUT", path, ["enabled": 1], token).status == 400)
        #expect(try server.send("PUT", path, ["enabled": false], token).status == 200)
        #expect(try server.get(path, token).data["enabled"] == false)
        let before = try fixture.client().status()["consumers"]?["reload"]
        #expect(before == nil)
        try fixture.withRelay(reload: directory) {
            let user = try fixture.makeUser()
            for value in 0..<50 { try fixture.edit(user, value) }
            _ = try fixture.create("menus", ["name": "Main"])
            // The relay waits for its turn: it is a consumer, and has got nothing.
            try eventually("the relay is there") { try server.store.consumers()["reload"] != nil }
            let settled = try fixture.client().read("amqp", by: "p1", limit: 1, seconds: 0).events.count
            #expect(settled == 1)
            #expect(request("dialplan", in: directory) == nil)
            #expect(try server.store.consumers()["reload"] == 0)
            let last = try fixture.lastSequence()
            #expect(try server.send("PUT", path, ["enabled": true], token).status == 200)
            try eventually("what was put off is said") {
                request("dialplan", in: directory) == last && request("queues", in: directory) == last - 1
            }
        }
    }
}
