//  All resources by name and by kind of document, with what associations add to them.

import DocumentStore
import JSONSchema

/// The resources of a server.
package struct Catalogue: Sendable {
    private var byType: [String: ResourceDefinition] = [:]
    /// By their names.
    package private(set) var all: [ResourceDefinition] = []
    /// What is wrong with the declarations: sentences that name the plugin.
    private(set) var problems: [String] = []

    package init(_ plugins: [any Plugin.Type], schemas: SchemaSet) {
        for plugin in plugins {
            if let resource = plugin as? any ResourcePlugin.Type { add(resource, schemas) }
        }
        let names = Set(plugins.map { $0.name })
        for plugin in plugins {
            if let association = plugin as? any AssociationPlugin.Type {
                amend(by: association)
                let needed = Set(association.rules.flatMap(\.associations).map { $0.name })
                for missing in needed.subtracting(names) {
                    problems.append("\(plugin.name): its rules look at \(missing), which is not on")
                }
            }
            if let array = plugin as? any ArrayPlugin.Type {
                for owner in array.owners { byType[owner.documentType]?.concealment.arrays.append(array.guarded) }
            }
        }
        all = byType.values.sorted { $0.name < $1.name }
        checkReferences()
    }

    /// The resource of a kind of document.
    package subscript(type type: String) -> ResourceDefinition? { byType[type] }

    private mutating func add<Resource: ResourcePlugin>(_ plugin: Resource.Type, _ schemas: SchemaSet) {
        guard let schema = schemas[plugin.schemaName] else {
            problems.append("\(plugin.name): there is no \(plugin.schemaName).schema.json in its folder")
            return
        }
        if let other = byType[plugin.documentType] {
            problems.append("\(plugin.name): documents of the kind \(plugin.documentType) belong to \(other.name)")
        }
        if plugin.examples.isEmpty { problems.append("\(plugin.name): it declares no examples") }
        checkReloads(plugin.reloads, of: plugin.name)
        checkSecrets(of: plugin, SchemaShape(plugin.schemaName, in: schemas))
        byType[plugin.documentType] = ResourceDefinition(plugin, schema: schema)
    }

    private mutating func amend<Association: AssociationPlugin>(by plugin: Association.Type) {
        let link = Link(plugin)
        checkReloads(plugin.reloads, of: plugin.name)
        let missing = [Association.Left.name, Association.Right.name].filter { name in
            !byType.values.contains { $0.name == name }
        }
        guard missing.isEmpty, var left = byType[link.leftType] else {
            problems.append("\(plugin.name): it links to \(missing.joined(separator: " and ")), which is not on")
            return
        }
        left.links.append(link)
        left.references.append(link.reference)
        if let field = link.uniqueField { left.uniqueFields.append(field) }
        byType[link.leftType] = left
        byType[link.rightType]?.computed.append(link.reverse)
        byType[link.rightType]?.incomingLinks.append(link)
    }

    /// The problem of a plugin that needs a resource, unless that is on.
    package func missing(_ needed: any ResourcePlugin.Type, for name: String) -> [String] {
        let isOn = byType[needed.documentType]?.name == needed.name
        return isOn ? [] : ["\(name): it belongs to \(needed.name), which is not on"]
    }

    private mutating func checkReloads(_ names: [String], of plugin: String) {
        for name in names where !Event.isReloadName(name) {
            problems.append("\(plugin): \(name) cannot be the name of something to reload")
        }
    }

    private mutating func checkSecrets<Resource: ResourcePlugin>(of plugin: Resource.Type, _ shape: SchemaShape?) {
        for path in plugin.secretFields {
            if !path.isDescribed(by: shape) {
                problems.append("\(plugin.name): \(path) is secret, and the schema has no such field")
            }
            // That a value is taken would tell what it is.
            if plugin.uniqueFields.contains(where: { $0.paths.contains(path) }) {
                problems.append("\(plugin.name): \(path) cannot be secret and unique")
            }
        }
        // A call without a caller is else one of the server itself, which sees everything.
        let accesses = (plugin.access.list + plugin.access.item).map(\.access)
        if !plugin.secretFields.isEmpty, accesses.contains(.anyone) {
            problems.append("\(plugin.name): it has secret fields, and is for anyone")
        }
    }

    private mutating func checkReferences() {
        for resource in all {
            for reference in resource.references where byType[reference.target] == nil {
                problems.append("\(resource.name): \(reference.path) names a \(reference.target), which no plugin has")
            }
        }
    }

    /// What happens to whoever names a document when that is deleted.
    func rule(for reference: IncomingReference, to type: String) -> ReferenceField.DeleteRule {
        let field = byType[reference.sourceType]?.references.first {
            $0.path.description == reference.field && $0.target == type
        }
        return field?.onDelete ?? .keep
    }

    /// Whether any declared reference does something when a document of this kind is deleted.
    func minds(deletionOf type: String) -> Bool {
        byType.values.contains { $0.references.contains { $0.target == type && $0.onDelete != .keep } }
    }

    /// The fields that may go on naming a deleted document of this kind.
    func keptFields(naming type: String) -> Set<String> {
        Set(byType.values.flatMap(\.references).filter { $0.onDelete == .keep }.map(\.path.description))
    }
}
