//  What every child collection owes beyond what every resource does.

import Plugins
import SQLiteStore
import TestServer
import Testing

@testable import PluginKit

@Suite struct ChildConformanceTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant()
        examples = Examples(server, tenant)
    }

    static let children = Subject.all.filter { !$0.definition.parents.isEmpty }

    /// Two parents, and the URL of the collection below each.
    private func families(_ child: Subject) throws -> [(parent: String, item: String, collection: String)] {
        let type = try #require(child.definition.parents.first).type
        let parent = try Subject.of(type)
        let word = child.collectionPath.dropFirst(parent.itemPath.count)
        return try (0..<2).map { _ in
            let id = try examples.make(type)
            let item = try "\(examples.collection(parent))/\(id)"
            return (id, item, item + word)
        }
    }

    private func create(_ child: Subject, _ collection: String) throws -> String {
        let document = try examples.varied(child.examples[0], of: child.definition)
        return try server.put(collection, document, tenant.adminToken).id
    }

    @Test func thereAreSome() { #expect(!Self.children.isEmpty) }

    @Test(arguments: children)
    func aListShowsTheChildrenOfItsParentAlone(child: Subject) throws {
        let families = try families(child)
        let ids = try families.map { try create(child, $0.collection) }
        for (family, id) in zip(families, ids) {
            let rows = try server.get(family.collection, tenant.adminToken).rows
            #expect(rows.map { $0["id"]?.string } == [id])
        }
    }

    @Test(arguments: children)
    func aChildOfAnotherParentDoesNotExist(child: Subject) throws {
        let families = try families(child)
        let id = try create(child, families[0].collection)
        for method in ["GET", "POST", "PATCH", "DELETE"] {
            let answer = try server.send(method, "\(families[1].collection)/\(id)", ["x": 1], tenant.adminToken)
            #expect(answer.status == 404, "\(method)")
            #expect(answer.data["cause"]?.string == id)
        }
        #expect(try server.get("\(families[0].collection)/\(id)", tenant.adminToken).status == 200)
    }

    @Test(arguments: children)
    func aParentThatDoesNotExistIsNamedFirst(child: Subject) throws {
        let family = try families(child)[0]
        let id = try create(child, family.collection)
        let nobody = String(repeating: "0", count: 32)
        let collection = family.collection.replacing(family.parent, with: nobody)
        for (method, path) in [("GET", collection), ("PUT", collection), ("GET", "\(collection)/\(id)")] {
            let answer = try server.send(method, path, ["x": 1], tenant.adminToken)
            #expect(answer.status == 404, "\(method) \(path)")
            #expect(answer.data["cause"]?.string == nobody)
        }
    }

    @Test(arguments: children)
    func theParentComesFromThePathWhateverTheBodySays(child: Subject) throws {
        let families = try families(child)
        let field = try #require(child.definition.parents.first).field
        var document = try #require(examples.varied(child.examples[0], of: child.definition).object)
        document[field] = .string(families[1].parent)
        let created = try server.put(families[0].collection, .object(document), tenant.adminToken)
        #expect(created.data[field]?.string == families[0].parent)
        let item = try "\(families[0].collection)/\(created.id)"
        for method in ["POST", "PATCH"] {
            let changed = try server.send(method, item, .object(document), tenant.adminToken)
            #expect(changed.status == 200)
            #expect(changed.data[field]?.string == families[0].parent)
        }
    }

    @Test(arguments: children)
    func childrenGoWithTheirParentAndAreToldOf(child: Subject) throws {
        let families = try families(child)
        var ids: [String] = []
        for _ in 0..<3 { ids.append(try create(child, families[0].collection)) }
        let other = try create(child, families[1].collection)
        let before = try server.events().last?.sequence ?? 0
        #expect(try server.send("DELETE", families[0].item, token: tenant.adminToken).status == 200)
        let told = try server.events(after: before).map(\.event).filter { $0.type == child.definition.documentType }
        #expect(Set(told.map(\.document.text)) == Set(ids))
        #expect(told.allSatisfy { $0.name == "\(child.definition.documentType)_deleted" })
        #expect(try server.get("\(families[1].collection)/\(other)", tenant.adminToken).status == 200)
        for id in ids {
            let stored = try server.store.document(DocumentID(id), in: .account(DocumentID(tenant.account)))
            #expect(stored?.isDeleted == true)
        }
    }
}
