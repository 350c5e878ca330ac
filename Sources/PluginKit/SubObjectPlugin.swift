//  A sub-object: a field of documents, under a path of its own.

import Gateway
import HTTPTypes
import JSON

/// A plugin that shows one object of other resources' documents: `GET`, `POST`, `PATCH`, `DELETE
/// /accounts/{A}/devices/{D}/access_lists`. What is not there is an empty object.
package protocol SubObjectPlugin: ExamplePlugin, OwnedPlugin {
    /// The kinds of document that have the field.
    static var owners: [any ResourcePlugin.Type] { get }

    /// The field; by default it has the plugin's name.
    static var field: String { get }

    /// The name of the schema of the object; by default the plugin's.
    static var schemaName: String { get }

    static var access: ResourceAccess { get }
}

extension SubObjectPlugin {
    package static var ownerTypes: [String] { owners.map { $0.documentType } }
    package static var field: String { name }
    package static var schemaName: String { name }
    package static var access: ResourceAccess { ResourceAccess() }

    package static func routes(kit: Kit) -> [PluginRoute] {
        owners.map { owner in
            let field = DocumentField(name: field, ownerType: owner.documentType, kit: kit)
            let route = Route(access.item) { call throws(APIError) in
                if call.method == .get { return try field.read(call) }
                return try field.change(call) { old throws(APIError) in
                    switch call.method {
                    case .delete: return nil
                    case .patch:
                        let patch = JSON.object(try call.fields())
                        return try kit.checked((old ?? [:]).merging(patch), against: schemaName)
                    default: return try kit.checked(.object(call.fields()), against: schemaName)
                    }
                }
            }
            return PluginRoute(RouteTemplate("\(owner.itemPath)/\(name)"), route, .document(schema: schemaName))
        }
    }

    package static func problems(kit: Kit) -> [String] {
        kit.problems(name, schema: schemaName, owners: owners, examples)
    }
}
