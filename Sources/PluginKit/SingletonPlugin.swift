//  A singleton: one document of an account, or of another document, at a fixed path.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// A plugin that manages one document of each owner: `GET`, `PUT`, `POST`, `PATCH`, `DELETE /accounts/{A}/limits`.
///
/// It need not be stored to be read: until then it is what the schema's defaults say. The first `POST`, `PATCH` or `PUT`
/// creates it, `DELETE` takes it back to what it was before. Everything else is declared as for every other resource.
package protocol SingletonPlugin: ResourcePlugin {
    /// The kinds of document that have one each; by default the account alone has one.
    static var owners: [any ResourcePlugin.Type] { get }

    /// What is shown as long as nothing is stored, filled up by the schema's defaults; nil if there is nothing to show
    /// then. By default the defaults alone.
    static var standard: JSONObject? { get }
}

extension SingletonPlugin {
    package static var documentType: String { name }
    package static var owners: [any ResourcePlugin.Type] { [] }
    package static var standard: JSONObject? { [:] }
    package static var list: ListView { ListView(row: []) { _ in [] } }

    package static var parents: [Parentage] {
        owners.map { Parentage(type: $0.documentType, field: "\($0.documentType)_id") }.filter { !$0.isAccount }
    }

    package static var collectionPath: String { paths[0] }
    package static var itemPath: String { paths[0] }

    /// The paths, one for each kind of owner.
    static var paths: [String] { ownerPaths(owners).map { "\($0)/\(name)" } }

    package static func routes(kit: Kit) -> [PluginRoute] {
        guard let resource = kit.catalogue[type: documentType] else { return [] }
        return paths.flatMap { path in
            let route = PluginRoute(RouteTemplate(path), resource.singletonRoute(kit), .document(schema: schemaName))
            return resource.routes([route], path, path, kit)
        }
    }

    package static func problems(kit: Kit) -> [String] {
        owners.flatMap { kit.catalogue.missing($0, for: name) }
    }
}

extension Parentage {
    /// The account is the scope of its documents, which need not name it.
    fileprivate var isAccount: Bool { type == "account" }
}

/// The paths of those who own something; the account's if nobody is named.
func ownerPaths(_ owners: [any ResourcePlugin.Type]) -> [String] {
    owners.isEmpty ? ["/accounts/{account}"] : owners.map { $0.itemPath }
}

extension ResourceDefinition {
    fileprivate func singletonRoute(_ kit: Kit) -> Route {
        let create = access.list.filter { $0.method == .put }
        return Route(access.item + create) { call throws(APIError) in
            let service = try kit.service(type: documentType, for: call)
            guard call.method == .put else { return try itemResource.respond(to: call, service) }
            return .created(try service.create(call.fields()), at: call.path)
        }
    }

    /// The id of a singleton, which follows from its owner.
    func singletonID(below parent: PathParent?) -> DocumentID {
        DocumentID([name, parent?.id.text].compactMap { $0 }.joined(separator: "."))
    }

    /// What clients are shown of a singleton that is not stored; nil if there is nothing to show.
    func standardReply(_ id: DocumentID, _ unit: UnitOfWork) throws(APIError) -> Reply? {
        guard let singleton, let standard = singleton.standard else { return nil }
        let filled = schema.validate(.object(standard)).value.object ?? standard
        let document = Document(id: id, scope: unit.scope, type: documentType, fields: filled)
        var fields = filled
        fields["id"] = .string(id.text)
        for field in computed { fields[field.name] = try field.value(document, Reader(unit)) }
        return Reply(.object(fields))
    }
}

/// What makes a resource a singleton.
struct Singleton: Sendable {
    let standard: JSONObject?
}
