//  What another program made of the documents becomes what this one makes of them.

import DocumentStore
import PluginKit
import SQLiteStore
import TestServer
import Testing

@Suite struct RebuildTests {
    let server: TestServer
    let tenant: TestServer.Tenant

    init() throws { (server, tenant) = try TestServer.withTenant() }

    private var menus: String { "/v2/accounts/\(tenant.account)/menus" }

    private func names() throws -> [String] {
        let rows = try server.get("\(menus)?paginate=false", tenant.adminToken).rows
        return rows.compactMap { $0["name"]?.string }.sorted()
    }

    /// Makes menus as a program with other views would have made them: without rows and keys.
    private func makeMenus(_ count: Int) throws -> [String] {
        let names = (0..<count).map { "menu \(100 + $0)" }
        for name in names { _ = try server.put(menus, ["name": .string(name)], tenant.adminToken) }
        let bare = try server.store.documents(of: "menu", after: 0, limit: 1_000).map {
            Reprojection($0.document.address, at: $0.document.revision, projection: Projection())
        }
        try #require(bare.count == count)
        let done = ProjectionProgress(version: 1, position: nil)
        try #require(try server.store.reproject(bare, of: "menu", progress: done).isEmpty)
        try #require(try self.names().isEmpty)
        return names
    }

    private func rebuild(version: Int, pause: () -> Bool = { true }) throws -> [Rebuild.Progress] {
        var reports: [Rebuild.Progress] = []
        let rebuild = Rebuild(store: server.store, catalogue: server.kit.catalogue, version: version, batch: 7)
        try rebuild.run(report: { reports.append($0) }, pause: pause)
        return reports.filter { $0.type == "menu" }
    }

    @Test(arguments: [1, 7, 25])
    func anotherVersionGoesThroughEverythingOnce(count: Int) throws {
        let names = try makeMenus(count)
        #expect(try rebuild(version: 1).isEmpty)
        #expect(try self.names().isEmpty)
        let reports = try rebuild(version: 2)
        #expect(reports.last == Rebuild.Progress(type: "menu", documents: count, isComplete: true))
        #expect(try self.names() == names)
        #expect(try rebuild(version: 2).isEmpty)
        let catalogue = server.kit.catalogue
        let findings = try server.store.reader.check(
            project: { document throws(StoreError) in try catalogue.projection(of: document) }
        )
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test func itGoesOnWhereItEnded() throws {
        let names = try makeMenus(20)
        var first: [Rebuild.Progress] = []
        while first.isEmpty { first = try rebuild(version: 2) { false } }
        #expect(first == [Rebuild.Progress(type: "menu", documents: 7)])
        #expect(try self.names() == Array(names.prefix(7)))
        #expect(try rebuild(version: 2).last?.documents == 13)
        #expect(try self.names() == names)
    }

    @Test func anotherVersionBeginsAgain() throws {
        let names = try makeMenus(20)
        while try rebuild(version: 2, pause: { false }).isEmpty {}
        #expect(try rebuild(version: 3).last?.documents == 20)
        #expect(try self.names() == names)
    }
}
