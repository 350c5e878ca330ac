//  A request that is sent again gets the first one's answer and changes nothing again.

import HTTPMessage
import PluginKit
import SQLiteStore
import TestServer
import Testing

@Suite struct IdempotencyTests {
    private let world: World

    init() throws { world = try World() }

    private let devices = "/v2/accounts/{A}/devices"

    private func put(_ key: String, _ name: String = "a", _ target: String? = nil) throws -> Answer {
        let body = JSON.object(["data": ["name": .string(name)]]).text()
        return try world.send("PUT", target ?? devices, body, ["HTTP_IDEMPOTENCY_KEY": key])
    }

    @Test func aRepeatedRequestGetsTheFirstAnswer() throws {
        let first = try put("k1")
        first.succeeds(201)
        let events = try world.server.events().count
        for _ in 0..<3 {
            let again = try put("k1")
            again.succeeds(201)
            #expect(again.data == first.data)
            #expect(again.revision == first.revision)
            #expect(again.fields[.location] == first.fields[.location])
            #expect(again.json["request_id"] != first.json["request_id"])
        }
        #expect(try world.server.events().count == events)
        #expect(try world.get(devices).rows.count == 1)
        #expect(try put("k2").id != first.id)
    }

    @Test func whatIsTunnelledIsRepeatedToo() throws {
        let id = try world.device().id
        let key = ["HTTP_IDEMPOTENCY_KEY": "k"]
        let first = try world.send("POST", "\(devices)/\(id)?verb=DELETE", "", key)
        first.succeeds()
        let again = try world.send("POST", "\(devices)/\(id)?verb=DELETE", "", key)
        again.succeeds()
        #expect(again.data == first.data)
    }

    @Test func aKeyMeansOneRequestOfOneCaller() throws {
        try put("k").succeeds(201)
        try put("k", "b").isRefused(422, "idempotency_key_reused")
        try put("k", "a", "\(devices)?x=1").isRefused(422, "idempotency_key_reused")
        let other = try world.server.makeTenant("Other")
        let body = #"{"data":{"name":"a"}}"#
        let target = "/v2/accounts/\(other.account)/devices"
        let fields = ["HTTP_IDEMPOTENCY_KEY": "k"]
        let theirs = try world.server.send("PUT", target, body, token: other.adminToken, fields: fields)
        theirs.succeeds(201)
    }

    @Test func aRequestThatWasRefusedMayBeTriedAgain() throws {
        let key = ["HTTP_IDEMPOTENCY_KEY": "k"]
        try world.send("PUT", devices, #"{"data":{}}"#, key).isInvalid("name", "required")
        try put("k").succeeds(201)
    }

    @Test func aRequestThatIsNotAnsweredYetKeepsTheOthersOut() throws {
        let store = world.server.store
        try put("k").succeeds(201)
        let documents = try replies()
        #expect(documents.count == 1)
        var claim = try #require(documents.first)
        let replaced = claim.revision
        let fields = try JSON(parsing: claim.privateBody)
        claim.privateBody = JSON.object(["request": fields["request"] ?? .null]).bytes()
        claim.revision = Revision(after: replaced, content: claim.privateBody)
        try store.commit(ChangeSet(writes: [DocumentWrite(claim, replacing: replaced, projection: Projection())]))
        try put("k").isRefused(409, "request_in_progress")
        #expect(try world.get(devices).rows.count == 1)
    }

    @Test func aReplyIsForgottenAfterADayAndTheOldestWhenThereAreTooMany() throws {
        let first = try put("k")
        world.server.advance(by: StoredReplies.lifetime)
        let token = try world.server.token(world.tenant.account, world.tenant.admin)
        let fields = ["HTTP_IDEMPOTENCY_KEY": "k"]
        let target = "/v2/accounts/\(world.tenant.account)/devices"
        let body = #"{"data":{"name":"a"}}"#
        let later = try world.server.send("PUT", target, body, token: token, fields: fields)
        later.succeeds(201)
        #expect(try later.id != first.id)
        for number in 0..<(StoredReplies.limit + 20) {
            let key = ["HTTP_IDEMPOTENCY_KEY": "n\(number)"]
            _ = try world.server.send("PUT", target, body, token: token, fields: key)
        }
        #expect(try replies().count <= StoredReplies.limit)
    }

    @Test(arguments: ["", " ", "a b", "é", "\u{7F}", String(repeating: "k", count: 256)])
    func aKeyThatIsNoneIsRefused(key: String) throws {
        try put(key).isRefused(400, "bad_request")
        #expect(try world.get(devices).rows.isEmpty)
    }

    @Test func aKeyDoesNotMatterToWhoOnlyReadsOrIsNotKnown() throws {
        let key = ["HTTP_IDEMPOTENCY_KEY": "k"]
        try world.get(devices, key).succeeds()
        let login = #"{"data":{"username":"admin","password":"secret","account_name":"Tenant"}}"#
        for _ in 0..<2 { try world.stranger("PUT", "/v2/user_auth", login, key).succeeds(201) }
        try world.send("PUT", "/v2/user_auth", login, key).succeeds(201)
        #expect(try replies().isEmpty)
    }

    private func replies() throws -> [StoredDocument] {
        let query = ListQuery(view: "kept_replies", limit: 5_000, includesDocuments: true)
        let scope = Scope.account(DocumentID(world.tenant.account))
        return try world.server.store.page(query, in: scope).entries.compactMap(\.document)
    }
}
