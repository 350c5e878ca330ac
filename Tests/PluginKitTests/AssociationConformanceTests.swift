//  What every association owes, tested once: each plugin is driven through HTTP from its declaration.

import Dispatch
import Plugins
import Synchronization
import TestServer
import Testing

@testable import PluginKit
@testable import Plugins

/// Associations that no plugin declares, so that every cardinality and rule of deletion is tested.
private struct MenusSchedulesPlugin: AssociationPlugin {
    typealias Left = MenusPlugin
    typealias Right = SchedulesPlugin
    static let cardinality = Cardinality.oneToOne
    static let onDeletingRight = ReferenceField.DeleteRule.cascade
}

private struct GroupsMenusPlugin: AssociationPlugin {
    typealias Left = GroupsPlugin
    typealias Right = MenusPlugin
    static let cardinality = Cardinality.oneToMany
}

/// An association under test.
struct Pairing: CustomTestStringConvertible, Sendable {
    let link: Link
    let left: ResourceDefinition
    let right: ResourceDefinition
    let leftExample: JSON
    let rightExample: JSON

    var testDescription: String { "\(left.name)_\(right.name)" }

    static let plugins: [any Plugin.Type] =
        DiscoveredPlugins.all + [MenusSchedulesPlugin.self, GroupsMenusPlugin.self]

    static let all: [Pairing] = {
        guard let catalogue = try? Catalogue(plugins, schemas: DiscoveredPlugins.schemaSet()) else { return [] }
        return plugins.compactMap { ($0 as? any AssociationPlugin.Type)?.pairing(catalogue) }
    }()

    static let bulk = all.filter { !$0.link.cardinality.leftHasOne }
}

extension AssociationPlugin {
    fileprivate static func pairing(_ catalogue: Catalogue) -> Pairing? {
        let link = Link(Self.self)
        guard let left = catalogue[type: link.leftType], let right = catalogue[type: link.rightType] else { return nil }
        return Pairing(link: link, left: left, right: right, leftExample: leftExample, rightExample: rightExample)
    }
}

@Suite struct AssociationConformanceTests {
    let server: TestServer
    let tenant: TestServer.Tenant
    let examples: Examples

    init() throws {
        (server, tenant) = try TestServer.withTenant(plugins: Pairing.plugins)
        examples = Examples(server, tenant)
    }

    private static let nobody = String(repeating: "0", count: 32)

    private func left(_ pairing: Pairing) throws -> String {
        try examples.make(pairing.link.leftType, from: pairing.leftExample)
    }

    private func right(_ pairing: Pairing) throws -> String {
        try examples.make(pairing.link.rightType, from: pairing.rightExample)
    }

    private func path(_ resource: ResourceDefinition, _ id: String, in account: String? = nil) -> String {
        "/v2/accounts/\(account ?? tenant.account)/\(resource.name)/\(id)"
    }

    private func path(_ pairing: Pairing, _ left: String, _ right: String, in account: String? = nil) -> String {
        "\(path(pairing.left, left, in: account))/\(pairing.right.name)/\(right)"
    }

    private func send(_ method: String, _ path: String) throws -> Answer {
        try server.send(method, path, token: tenant.adminToken)
    }

    /// Replaces all links of a left document.
    private func replace(_ pairing: Pairing, _ left: String, _ rights: [String]) throws -> Answer {
        let data: JSON = .object([pairing.link.field: .array(rights.map { .string($0) })])
        return try server.send("PUT", "\(path(pairing.left, left))/\(pairing.right.name)", data, tenant.adminToken)
    }

    /// What the left document shows of its links.
    private func rights(_ pairing: Pairing, of left: String) throws -> [String] {
        let shown = try server.get(path(pairing.left, left), tenant.adminToken).data[pairing.link.field]
        return shown?.array?.compactMap(\.string) ?? []
    }

    /// What the right document shows of its links.
    private func lefts(_ pairing: Pairing, of right: String) throws -> [String] {
        let shown = try server.get(path(pairing.right, right), tenant.adminToken).data[pairing.link.reverseField]
        return shown?.array?.compactMap(\.string) ?? []
    }

    /// The events that a piece of work tells.
    private func events(during work: () throws -> Void) throws -> [Event] {
        let before = try server.events().last?.sequence ?? 0
        try work()
        return try server.events(after: before).map(\.event)
    }

    /// The events that one request tells, if it has the status that it should have.
    private func events(_ status: Int, of request: () throws -> Answer) throws -> [Event] {
        try events {
            let answer = try request()
            #expect(answer.status == status, "\(answer.json)")
        }
    }

    @Test func everyAssociationIsTested() {
        let declared = Pairing.plugins.filter { $0 is any AssociationPlugin.Type }
        #expect(Pairing.all.map(\.testDescription) == declared.map { $0.name })
        #expect(!Pairing.bulk.isEmpty)
        for cardinality in [Cardinality.oneToOne, .oneToMany, .manyToOne, .manyToMany] {
            #expect(Pairing.all.contains { $0.link.cardinality == cardinality })
        }
    }

    @Test(arguments: Pairing.all, ["PUT", "DELETE"])
    func whoeverIsMissingIsNamedTheLeftFirst(pairing: Pairing, method: String) throws {
        let (left, right) = (try left(pairing), try right(pairing))
        for (sides, missing) in [
            ((left, Self.nobody), Self.nobody), ((Self.nobody, right), Self.nobody), ((right, left), right),
        ] {
            let answer = try send(method, path(pairing, sides.0, sides.1))
            #expect(answer.status == 404)
            #expect(answer.json["message"] == "bad_identifier")
            #expect(answer.data["cause"]?.string == missing)
        }
    }

    @Test(arguments: Pairing.all)
    func aLinkIsMadeOnceAndToldOnce(pairing: Pairing) throws {
        let (left, right) = (try left(pairing), try right(pairing))
        var revision: String?
        let told = try events {
            let linked = try send("PUT", path(pairing, left, right))
            #expect(linked.status == 201, "\(linked.json)")
            revision = linked.revision
        }
        #expect(told.map(\.name) == ["\(pairing.link.leftType)_\(pairing.link.rightType)_associated"])
        #expect(told.first?.document.text == left)
        #expect(told.first?.related.map(\.text) == [right])
        #expect(told.first?.changed == [pairing.link.field])
        #expect(told.first?.actor == "user:\(tenant.admin)")
        #expect(told.first?.revision.description == revision)
        #expect(try rights(pairing, of: left) == [right])
        #expect(try lefts(pairing, of: right) == [left])
        let again = try events {
            let linked = try send("PUT", path(pairing, left, right))
            #expect(linked.status == 201)
            #expect(linked.revision == revision)
        }
        #expect(again.isEmpty)
    }

    @Test(arguments: Pairing.all)
    func aLinkIsTakenAwayOnceAndToldOnce(pairing: Pairing) throws {
        let (left, right) = (try left(pairing), try right(pairing))
        let none = try events(200) { try send("DELETE", path(pairing, left, right)) }
        #expect(none.isEmpty)
        #expect(try send("PUT", path(pairing, left, right)).status == 201)
        let told = try events(200) { try send("DELETE", path(pairing, left, right)) }
        #expect(told.map(\.name) == ["\(pairing.link.leftType)_\(pairing.link.rightType)_dissociated"])
        #expect(told.first?.related.map(\.text) == [right])
        #expect(try rights(pairing, of: left).isEmpty)
        #expect(try lefts(pairing, of: right).isEmpty)
        let again = try events(200) { try send("DELETE", path(pairing, left, right)) }
        #expect(again.isEmpty)
    }

    @Test(arguments: Pairing.all)
    func aLeftDocumentHasAsManyLinksAsDeclared(pairing: Pairing) throws {
        let left = try left(pairing)
        let (first, second) = (try right(pairing), try right(pairing))
        #expect(try send("PUT", path(pairing, left, first)).status == 201)
        let answer = try send("PUT", path(pairing, left, second))
        if pairing.link.cardinality.leftHasOne {
            #expect(answer.status == 400)
            #expect(answer.data[pairing.link.field]?["taken"]?["cause"]?.string == first)
            #expect(try rights(pairing, of: left) == [first])
        } else {
            #expect(answer.status == 201)
            #expect(try rights(pairing, of: left) == [first, second])
        }
    }

    @Test(arguments: Pairing.all)
    func aRightDocumentHasAsManyLinksAsDeclared(pairing: Pairing) throws {
        let right = try right(pairing)
        let (first, second) = (try left(pairing), try left(pairing))
        #expect(try send("PUT", path(pairing, first, right)).status == 201)
        let answer = try send("PUT", path(pairing, second, right))
        #expect(answer.status == (pairing.link.cardinality.rightHasOne ? 400 : 201))
        let shown = try lefts(pairing, of: right)
        #expect(Set(shown) == (pairing.link.cardinality.rightHasOne ? [first] : [first, second]))
        if pairing.link.ordersLeft { #expect(shown == [first, second]) }
    }

    @Test(arguments: Pairing.all, ["PUT", "DELETE"])
    func documentsOfTwoAccountsAreNeverLinked(pairing: Pairing, method: String) throws {
        let other = try server.makeTenant("Branch", below: tenant)
        let others = Examples(server, other)
        let (left, right) = (try left(pairing), try right(pairing))
        let otherLeft = try others.make(pairing.link.leftType, from: pairing.leftExample)
        let otherRight = try others.make(pairing.link.rightType, from: pairing.rightExample)
        for (sides, account, missing) in [
            ((left, otherRight), tenant.account, otherRight), ((otherLeft, right), tenant.account, otherLeft),
            ((left, otherRight), other.account, left), ((otherLeft, right), other.account, right),
        ] {
            let answer = try send(method, path(pairing, sides.0, sides.1, in: account))
            #expect(answer.status == 404)
            #expect(answer.data["cause"]?.string == missing)
        }
        let below = try send(method, path(pairing, otherLeft, otherRight, in: other.account))
        #expect(below.status == (method == "PUT" ? 201 : 200))
        let above = try server.send(method, path(pairing, left, right), token: other.adminToken)
        #expect(above.status == 403)
        #expect(try server.send(method, path(pairing, left, right)).status == 401)
    }

    @Test(arguments: Pairing.all)
    func deletingARightDocumentFollowsTheDeclaredRule(pairing: Pairing) throws {
        let (left, right) = (try left(pairing), try right(pairing))
        _ = try send("PUT", path(pairing, left, right))
        let told = try events {
            let deleted = try send("DELETE", path(pairing.right, right))
            #expect(deleted.status == (pairing.link.onDeletingRight == .refuse ? 400 : 200))
            if pairing.link.onDeletingRight == .refuse {
                #expect(deleted.data["id"]?["referenced"]?["cause"]?.string == left)
            }
        }
        switch pairing.link.onDeletingRight {
        case .refuse:
            #expect(told.isEmpty)
            #expect(try rights(pairing, of: left) == [right])
        case .clear:
            let expected: Set = ["\(pairing.link.rightType)_deleted", pairing.link.dissociated]
            #expect(Set(told.map(\.name)).isSuperset(of: expected))
            #expect(told.first { $0.document.text == left }?.related.map(\.text) == [right])
            #expect(try rights(pairing, of: left).isEmpty)
        case .cascade:
            #expect(try server.get(path(pairing.left, left), tenant.adminToken).status == 404)
        case .keep:
            #expect(try rights(pairing, of: left) == [right])
        }
    }

    @Test(arguments: Pairing.all)
    func deletingALeftDocumentFollowsTheDeclaredRule(pairing: Pairing) throws {
        let (left, right) = (try left(pairing), try right(pairing))
        _ = try send("PUT", path(pairing, left, right))
        let deleted = try send("DELETE", path(pairing.left, left))
        if pairing.link.leftMayBeDeleted {
            #expect(deleted.status == 200)
            #expect(try lefts(pairing, of: right).isEmpty)
            // Who follows the right document learns that it was left.
            let told = try server.events().map(\.event).filter { $0.document.text == left }.suffix(2)
            #expect(told.map(\.name) == ["\(pairing.link.leftType)_deleted", pairing.link.dissociated])
            #expect(told.last?.related.map(\.text) == [right])
        } else {
            #expect(deleted.status == 400)
            #expect(deleted.data[pairing.link.field]?["association"]?["cause"]?.string == right)
            #expect(try send("DELETE", path(pairing, left, right)).status == 200)
            #expect(try send("DELETE", path(pairing.left, left)).status == 200)
        }
    }

    @Test(arguments: Pairing.all)
    func whoeverLinksAtTheSameTimeFindsTheSameRules(pairing: Pairing) throws {
        let number = 6
        let left = try left(pairing)
        let targets = try (0..<number).map { _ in path(pairing, left, try right(pairing)) }
        #expect(count(of: 201, in: racing(targets)) == (pairing.link.cardinality.leftHasOne ? 1 : number))
        #expect(try rights(pairing, of: left).count == (pairing.link.cardinality.leftHasOne ? 1 : number))
        let shared = try right(pairing)
        let others = try (0..<number).map { _ in path(pairing, try self.left(pairing), shared) }
        #expect(count(of: 201, in: racing(others)) == (pairing.link.cardinality.rightHasOne ? 1 : number))
        #expect(try lefts(pairing, of: shared).count == (pairing.link.cardinality.rightHasOne ? 1 : number))
    }

    /// Sends all requests at once.
    private func racing(_ targets: [String]) -> [Int] {
        let statuses = Mutex<[Int]>([])
        let (server, token) = (server, tenant.adminToken)
        DispatchQueue.concurrentPerform(iterations: targets.count) { index in
            let answer = try? server.send("PUT", targets[index], token: token)
            statuses.withLock { $0.append(answer?.status ?? 0) }
        }
        return statuses.withLock { $0 }
    }

    /// How many answers have a status, if no other is a fault.
    private func count(of status: Int, in statuses: [Int]) -> Int {
        #expect(statuses.allSatisfy { $0 == status || $0 == 400 }, "\(statuses)")
        return statuses.count { $0 == status }
    }

    @Test(arguments: Pairing.all)
    func linksAreNotAFieldThatAClientSets(pairing: Pairing) throws {
        let (left, right, other) = (try left(pairing), try right(pairing), try right(pairing))
        _ = try send("PUT", path(pairing, left, right))
        var document = try server.get(path(pairing.left, left), tenant.adminToken).data.object ?? [:]
        let sent: [JSON?] = [nil, [.string(other)], "nonsense"]
        for links in sent {
            document[pairing.link.field] = links
            let told = try events {
                let answer = try server.send("POST", path(pairing.left, left), .object(document), tenant.adminToken)
                #expect(answer.status == 200)
            }
            #expect(told.isEmpty)
            #expect(try rights(pairing, of: left) == [right])
        }
        let reverse: JSON = .object([pairing.link.reverseField: [], "x_note": 1])
        #expect(try server.send("PATCH", path(pairing.right, right), reverse, tenant.adminToken).status == 200)
        #expect(try lefts(pairing, of: right) == [left])
    }

    @Test(arguments: Pairing.all)
    func aStaleRevisionIsNotLinked(pairing: Pairing) throws {
        let (left, right) = (try left(pairing), try right(pairing))
        let stale = ["HTTP_IF_MATCH": "\"1-00000000000000000000000000000000\""]
        let refused = try server.send("PUT", path(pairing, left, right), token: tenant.adminToken, fields: stale)
        #expect(refused.status == 412)
        #expect(try rights(pairing, of: left).isEmpty)
        let tag = try #require(try server.get(path(pairing.left, left), tenant.adminToken).fields[.eTag])
        for (method, status) in [("PUT", 201), ("DELETE", 412)] {
            let answer = try server.send(
                method,
                path(pairing, left, right),
                token: tenant.adminToken,
                fields: ["HTTP_IF_MATCH": tag]
            )
            #expect(answer.status == status)
        }
        #expect(try rights(pairing, of: left) == [right])
    }

    @Test(arguments: Pairing.all)
    func onlyAdministratorsLink(pairing: Pairing) throws {
        let (left, right) = (try left(pairing), try right(pairing))
        let user: JSON = ["first_name": "A", "last_name": "User"]
        let id = try server.put("/v2/accounts/\(tenant.account)/users", user, tenant.adminToken).id
        let token = try server.token(tenant.account, id)
        for method in ["PUT", "DELETE"] {
            #expect(try server.send(method, path(pairing, left, right), token: token).status == 403)
        }
        #expect(try rights(pairing, of: left).isEmpty)
    }

    @Test(arguments: Pairing.all)
    func allLinksAreReplacedAtOnce(pairing: Pairing) throws {
        let left = try left(pairing)
        let (first, second) = (try right(pairing), try right(pairing))
        #expect(try replace(pairing, left, [first]).status == 201)
        let told = try events(201) { try replace(pairing, left, [second]) }
        #expect(told.map(\.name) == [pairing.link.dissociated, pairing.link.associated])
        #expect(told.map { $0.related.map(\.text) } == [[first], [second]])
        #expect(try rights(pairing, of: left) == [second])
        #expect(try lefts(pairing, of: first).isEmpty)
        let again = try events(201) { try replace(pairing, left, [second]) }
        #expect(again.isEmpty)
        let emptied = try events(201) { try replace(pairing, left, []) }
        #expect(emptied.map(\.name) == [pairing.link.dissociated])
        #expect(try rights(pairing, of: left).isEmpty)
    }

    @Test(arguments: Pairing.all)
    func aListThatIsWrongChangesNothing(pairing: Pairing) throws {
        let left = try left(pairing)
        let (first, second) = (try right(pairing), try right(pairing))
        _ = try replace(pairing, left, [first])
        let field = pairing.link.field
        let told = try events {
            let unknown = try replace(pairing, left, [first, Self.nobody])
            #expect(unknown.status == 400)
            #expect(unknown.data["\(field).1"]?["not_found"]?["cause"]?.string == Self.nobody)
            let twice = try replace(pairing, left, [second, second])
            #expect(twice.status == 400)
            #expect(twice.data[field] != nil)
            let missing = try server.send(
                "PUT",
                "\(path(pairing.left, left))/\(pairing.right.name)",
                [:],
                tenant.adminToken
            )
            #expect(missing.data[field]?["required"] != nil)
            let two = try replace(pairing, left, [first, second])
            #expect(two.status == (pairing.link.cardinality.leftHasOne ? 400 : 201))
            #expect(try replace(pairing, left, [first]).status == 201)
        }
        #expect(told.count == (pairing.link.cardinality.leftHasOne ? 0 : 2))
        #expect(try rights(pairing, of: left) == [first])
    }

    @Test(arguments: Pairing.bulk)
    func theOrderOfLinksIsKeptAndAnotherOrderIsAnEdit(pairing: Pairing) throws {
        let left = try left(pairing)
        let ids = [try right(pairing), try right(pairing), try right(pairing)]
        #expect(try replace(pairing, left, ids).status == 201)
        #expect(try rights(pairing, of: left) == ids)
        let told = try events(201) { try replace(pairing, left, ids.reversed()) }
        #expect(told.map(\.name) == ["\(pairing.link.leftType)_edited"])
        #expect(try rights(pairing, of: left) == ids.reversed())
    }
}
