//  Documents made from the plugins' examples, ready for an account.

import Plugins
import TestServer
import Testing

@testable import PluginKit

/// Makes documents in one account: what a document must name is made first, and what must be unique is its own.
final class Examples {
    private let server: TestServer
    private let tenant: TestServer.Tenant
    /// How many documents of each kind were made.
    private var counts: [String: Int] = [:]
    /// The one document of each kind that others are made below.
    private var parents: [String: String] = [:]

    init(_ server: TestServer, _ tenant: TestServer.Tenant) {
        self.server = server
        self.tenant = tenant
    }

    /// The URL of a collection; what its documents belong to is made first, and once.
    func collection(_ subject: Subject, in account: String? = nil) throws -> String {
        guard let parentage = subject.definition.parents.first else {
            return "/v2" + subject.collectionPath.replacing("{account}", with: account ?? tenant.account)
        }
        let parent = try Subject.of(parentage.type)
        let id = try self.parent(parentage.type)
        return try "\(collection(parent, in: account))/\(id)\(subject.collectionPath.dropFirst(parent.itemPath.count))"
    }

    /// The one document of a kind that others are made below; made when it is asked for first.
    func parent(_ type: String) throws -> String {
        let id = try parents[type] ?? make(type)
        parents[type] = id
        return id
    }

    /// The example with the ids of documents that exist.
    func completed(_ example: JSON, of resource: ResourceDefinition) throws -> JSON {
        var fields = try #require(example.object)
        let links = resource.links.map(\.reference.path)
        for reference in resource.references where reference.mustExist && !links.contains(reference.path) {
            for (path, _) in reference.path.values(in: fields) {
                fields.set(.string(try make(reference.target)), at: path)
            }
        }
        return .object(fields)
    }

    /// The example with unique values of its own; those that nobody asks for are left out, unless they are numbers.
    func varied(_ example: JSON, of resource: ResourceDefinition) throws -> JSON {
        var fields = try #require(completed(example, of: resource).object)
        let number = counts[resource.documentType, default: 0]
        counts[resource.documentType] = number + 1
        for path in resource.uniqueFields.flatMap(\.paths) {
            for (place, text) in path.texts(in: fields) {
                let isRequired = resource.requiredFields.contains(place.description)
                let isKept = isRequired || Int(text) != nil
                fields.set(isKept ? .string(Self.other(text, number)) : nil, at: place)
            }
        }
        // It belongs to the user name.
        if fields["username"] == nil { fields["password"] = nil }
        return .object(fields)
    }

    /// Creates a document and returns its id.
    func make(_ type: String, from example: JSON? = nil) throws -> String {
        let subject = try Subject.of(type)
        let document = try varied(example ?? subject.examples[0], of: subject.definition)
        return try server.put(collection(subject), document, tenant.adminToken).id
    }

    /// A value of the same form: 1001 becomes 1002, `default` becomes `default1`.
    private static func other(_ text: String, _ number: Int) -> String {
        guard number > 0 else { return text }
        return Int(text).map { String($0 + number) } ?? "\(text)\(number)"
    }
}

extension Subject {
    static func of(_ type: String) throws -> Subject {
        try #require(all.first { $0.definition.documentType == type })
    }
}

extension ResourceDefinition {
    /// The fields that a client must send.
    var requiredFields: [String] {
        (schema.source["required"]?.array?.compactMap(\.string) ?? []).filter { !pathFields.contains($0) }
    }

    /// The schemas of the fields that a client may send, by name.
    var properties: JSONObject {
        JSONObject(
            (schema.source["properties"]?.object ?? [:]).filter { !pathFields.contains($0.key) }
                .map { ($0.key, $0.value) }
        )
    }

    /// The fields that come from the path.
    private var pathFields: [String] { parents.map(\.field) }
}
