//  Who may do what with documents of an account: the matrix of every resource and every place in the tree.

import TestServer
import Testing

@testable import PluginKit

/// Where somebody stands who asks for a document of the account in the middle of the tree.
enum Standpoint: String, CaseIterable, Sendable {
    case own, ownUser, parent, parentUser, grandparent, child, sibling, stranger, nobody

    /// Whether an administrator's rights come with it.
    var mayWrite: Bool { [.own, .parent, .grandparent].contains(self) }

    /// - Parameter access: who may.
    func mayRead(_ access: Access?) -> Bool { mayWrite || self == .ownUser && access == .account(.user) }
}

@Suite struct TenancyTests {
    let server: TestServer
    let own: TestServer.Tenant
    let examples: Examples
    private let tokens: [Standpoint: String]

    init() throws {
        server = try TestServer()
        let server = server
        let grandparent = try server.makeTenant("Grandparent")
        let parent = try server.makeTenant("Parent", below: grandparent)
        own = try server.makeTenant("Own", below: parent)
        examples = Examples(server, own)
        func user(of tenant: TestServer.Tenant) throws -> String {
            let data: JSON = ["first_name": "Plain", "last_name": "User"]
            let user = try server.put("/v2/accounts/\(tenant.account)/users", data, tenant.adminToken)
            return try server.token(tenant.account, user.id)
        }
        tokens = [
            .own: own.adminToken,
            .ownUser: try user(of: own),
            .parent: parent.adminToken,
            .parentUser: try user(of: parent),
            .grandparent: grandparent.adminToken,
            .child: try server.makeTenant("Child", below: own).adminToken,
            .sibling: try server.makeTenant("Sibling", below: parent).adminToken,
            .stranger: try server.makeTenant("Stranger").adminToken,
        ]
    }

    @Test(arguments: Subject.all, Standpoint.allCases)
    func rightsFollowTheTree(subject: Subject, standpoint: Standpoint) throws {
        let definition = subject.definition
        let collection = try examples.collection(subject)
        let item = try "\(collection)/\(examples.make(definition.documentType))"
        let document = try examples.varied(subject.examples[0], of: definition)
        let revision = try server.get(item, own.adminToken).revision
        let refusal = standpoint == .nobody ? 401 : 403
        let mayRead = standpoint.mayRead(definition.access.item.first { $0.method == .get }?.access)
        let requests: [(method: String, path: String, data: JSON, status: Int, isAllowed: Bool)] = [
            ("GET", collection, .null, 200, mayRead),
            ("GET", item, .null, 200, mayRead),
            ("PUT", collection, document, 201, standpoint.mayWrite),
            ("PATCH", item, ["x_note": 1], 200, standpoint.mayWrite),
            ("DELETE", item, .null, 200, standpoint.mayWrite),
        ]
        for request in requests {
            let body = request.data == .null ? "" : JSON.object(["data": request.data]).text()
            let answer = try server.send(request.method, request.path, body, token: tokens[standpoint])
            let wanted = request.isAllowed ? request.status : refusal
            #expect(answer.status == wanted, "\(request.method) \(request.path): \(answer.json)")
        }
        if !standpoint.mayWrite { #expect(try server.get(item, own.adminToken).revision == revision) }
    }
}
