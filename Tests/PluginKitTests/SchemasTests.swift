//  The schemas over HTTP.

import PluginKit
import Plugins
import TestServer
import Testing

@Suite struct SchemasTests {
    let server: TestServer

    init() throws { server = try TestServer() }

    @Test func anybodyMayListAndReadThem() throws {
        let names = try server.send("GET", "/v2/schemas").rows.compactMap(\.string)
        #expect(names == DiscoveredPlugins.schemas.map(\.name).sorted())
        for schema in DiscoveredPlugins.schemas {
            let read = try server.send("GET", "/v2/schemas/\(schema.name)")
            #expect(read.status == 200)
            #expect(read.data == (try JSON(parsing: schema.text)))
        }
        #expect(try server.send("GET", "/v2/schemas/nosuch").status == 404)
    }

    @Test func dataIsCheckedAndFilledWithoutBeingStored() throws {
        let target = "/v2/schemas/users/validation"
        let good = try server.send("PUT", target, ["first_name": "A", "last_name": "B"], server.master.adminToken)
        #expect(good.status == 201)
        #expect(good.data["enabled"] == true)
        let bad = try server.send("PUT", target, ["first_name": "A"], server.master.adminToken)
        #expect(bad.data["last_name"]?["required"] != nil)
        #expect(try server.send("PUT", target, #"{"data":{}}"#).status == 401)
    }

    @Test(arguments: ["schemas", "schemas/users", "openapi.json"])
    func noPagesAreMadeForStrangers(path: String) throws {
        for accept in ["text/html", "text/csv"] {
            let answer = try server.send("GET", "/v2/\(path)?accept=\(accept)")
            #expect(answer.status == 200)
            #expect(answer.fields[.contentType] == "application/json")
        }
    }
}
