//  A document that shows links of others is another representation when they change.

import PluginKit
import TestServer
import Testing

@Suite struct EntityTagTests {
    let server: TestServer

    init() throws { server = try TestServer() }

    @Test func aLinkFromTheOtherSideChangesTheTagAndNotTheRevision() throws {
        let token = server.master.adminToken
        let base = "/v2/accounts/\(server.master.account)"
        let line = try server.put("\(base)/lines", ["name": "Reception"], token).id
        let user = try server.put("\(base)/users", ["first_name": "A", "last_name": "B"], token).id
        let item = "\(base)/lines/\(line)"

        let before = try server.get(item, token)
        let tag = try #require(before.fields[.eTag])
        #expect(tag == "\"\(before.revision ?? "")\"")
        #expect(try server.send("GET", item, token: token, fields: ["HTTP_IF_NONE_MATCH": tag]).status == 304)

        #expect(try server.send("PUT", "\(base)/users/\(user)/lines/\(line)", token: token).status == 201)
        let linked = try server.send("GET", item, token: token, fields: ["HTTP_IF_NONE_MATCH": tag])
        #expect(linked.status == 200)
        #expect(linked.data["users"] == [.string(user)])
        #expect(linked.revision == before.revision)
        let linkedTag = try #require(linked.fields[.eTag])

        // The tag is good for a change: what it tells beyond the revision is nothing that the change replaces.
        let body = #"{"data":{"x_note":1}}"#
        #expect(try server.send("PATCH", item, body, token: token, fields: ["HTTP_IF_MATCH": linkedTag]).status == 200)
        #expect(try server.send("PATCH", item, body, token: token, fields: ["HTTP_IF_MATCH": linkedTag]).status == 412)
    }
}
