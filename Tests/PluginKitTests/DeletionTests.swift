//  How much one deletion may take with it.

import TestServer
import Testing

@testable import PluginKit
@testable import Plugins

@Suite struct DeletionTests {
    @Test func aDeletionThatTakesTooMuchWithItIsRefused() throws {
        let (server, tenant) = try TestServer.withTenant()
        let lists = "/v2/accounts/\(tenant.account)/lists"
        let list = try server.put(lists, ["name": "L"], tenant.adminToken).id
        let call = Call(
            nouns: [],
            path: "",
            method: .patch,
            requestID: "test",
            time: TestServer.start,
            isSecure: true
        )
        _ = try server.kit.service(ListsEntriesPlugin.self, for: call, in: tenant.account)
            .transact { work throws(APIError) in
                let entry: JSONObject = ["displayname": "E", "number": "1", "list_id": .string(list)]
                for _ in 0..<5_000 { _ = try work.create(entry) }
                return .null
            }
        let refused = try server.send("DELETE", "\(lists)/\(list)", token: tenant.adminToken)
        #expect(refused.status == 409)
        #expect(refused.json["message"] == "too_many_dependents")
        #expect(try server.get("\(lists)/\(list)", tenant.adminToken).status == 200)
        // As it says: first what belongs to it.
        let emptied = try server.send("DELETE", "\(lists)/\(list)/entries", token: tenant.adminToken)
        #expect(emptied.rows.count == 5_000)
        #expect(try server.send("DELETE", "\(lists)/\(list)", token: tenant.adminToken).status == 200)
    }
}
