//  Read-only views: each that is declared answers, and the sources of rows.

import Plugins
import TestServer
import Testing

@testable import PluginKit
@testable import Plugins

/// Rows of a resource's view below a document.
private struct ListsNumbersPlugin: ViewPlugin {
    static let name = "lists_numbers"
    static let word = "numbers"
    static let owners: [any ResourcePlugin.Type] = [ListsPlugin.self]
    static let source = ViewSource.list(ListsEntriesPlugin.self, ListsEntriesPlugin.list)
}

/// Rows computed from other documents.
private struct InitialsPlugin: ViewPlugin {
    static let name = "initials"
    static let owners: [any ResourcePlugin.Type] = [AccountsPlugin.self, UsersPlugin.self]
    static let source = ViewSource.rows { request throws(APIError) in
        let users = try request.reader.rows(UsersPlugin.self, limit: 10)
        let only = request.owner?.id.text
        return users.filter { only == nil || $0["id"]?.string == only }
            .map { ["initial": .string(String(($0["first_name"]?.string ?? "").prefix(1)))] }
    }
}

@Suite struct ViewTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant(
            plugins: DiscoveredPlugins.all + [ListsNumbersPlugin.self, InitialsPlugin.self]
        )
        examples = Examples(server, tenant)
    }

    private var account: String { "/v2/accounts/\(tenant.account)" }

    /// The routes of the views that plugins declare.
    private var routes: [PluginRoute] {
        DiscoveredPlugins.all.filter { $0 is any ViewPlugin.Type }.flatMap { $0.routes(kit: server.kit) }
    }

    @Test func everyDeclaredViewAnswersBelowEachOfItsOwners() throws {
        #expect(!routes.isEmpty)
        for route in routes {
            var path = "/v2\(route.template)".replacing("{account}", with: tenant.account)
            let owners = route.template.arguments.dropFirst()
            for (place, type) in zip(owners.indices, owners) {
                let absent = path.replacing("{\(type)}", with: String(repeating: "0", count: 32))
                #expect(try server.get(absent, tenant.adminToken).status == 404)
                let isInner = place + 1 < owners.endIndex
                let id = try isInner ? examples.parent(type) : examples.make(type)
                path = path.replacing("{\(type)}", with: id)
            }
            let answer = try server.get(path, tenant.adminToken)
            #expect(answer.status == 200, "\(path)")
            if case .rows = route.content {
                #expect(answer.data.array != nil)
            } else {
                #expect(answer.json == .null && !answer.bytes.isEmpty)
            }
            #expect(try server.send("PUT", path, [:], tenant.adminToken).status == 405)
            #expect(try server.send("GET", path).status == 401)
        }
    }

    @Test(arguments: ["channels", "registrations"])
    func whatNobodyKnowsIsAnEmptyList(name: String) throws {
        let answer = try server.get("\(account)/\(name)", tenant.adminToken)
        #expect(answer.data == [])
        #expect(answer.json["page_size"] == 0)
    }

    @Test func aViewOfAResourceHasItsPagesAndFilters() throws {
        let lists = try (0..<2).map { _ in try examples.make("list") }
        for number in 1...5 {
            let entry: JSON = ["number": .string("\(number)")]
            _ = try server.put("\(account)/lists/\(lists[0])/entries", entry, tenant.adminToken)
        }
        let path = "\(account)/lists/\(lists[0])/numbers"
        let page = try server.get("\(path)?page_size=2", tenant.adminToken)
        #expect(page.rows.count == 2)
        let start = try #require(page.json["next_start_key"]?.string)
        #expect(try server.get("\(path)?start_key=\(start)", tenant.adminToken).rows.count == 3)
        let found = try server.get("\(path)?filter_number=3", tenant.adminToken)
        #expect(found.rows.map { $0["number"] } == ["3"])
        #expect(try server.get("\(account)/lists/\(lists[1])/numbers", tenant.adminToken).rows.isEmpty)
    }

    @Test func rowsAreComputedFromOtherDocuments() throws {
        #expect(try server.get("\(account)/initials", tenant.adminToken).data == [["initial": "A"]])
        let grace = try server.put("\(account)/users", ["first_name": "G", "last_name": "H"], tenant.adminToken).id
        #expect(try server.get("\(account)/users/\(grace)/initials", tenant.adminToken).data == [["initial": "G"]])
    }
}
