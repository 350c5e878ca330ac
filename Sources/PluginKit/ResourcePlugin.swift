//  A resource: documents of one kind, with a collection and an item.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// A plugin that manages documents of one kind.
///
/// The declaration is the plugin: the routes `/accounts/{A}/NAME` and `/accounts/{A}/NAME/{ID}`, their access rules,
/// the list rows, the unique keys and the events follow from it. A part that differs from the default is one more
/// file in the plugin's folder and one line here.
package protocol ResourcePlugin: Plugin {
    /// The kind of document in the singular, also the first word of its events: `user`. By default the name without
    /// its last letter.
    static var documentType: String { get }

    /// What `GET /NAME` shows.
    static var list: ListView { get }

    /// Further views of the same documents, written with them.
    static var views: [ListView] { get }

    /// Fields that no two documents may share.
    static var uniqueFields: [UniqueField] { get }

    /// Fields that name other documents.
    static var references: [ReferenceField] { get }

    /// How fields are written before they are checked and stored.
    static var normalisations: [Normalisation] { get }

    /// Further unique keys of a document, by which the server finds it; not told to clients.
    static func lookupKeys(of document: Document) -> [UniqueKey]

    /// The methods, and who may use them.
    static var access: ResourceAccess { get }

    static var listResource: any ListResource { get }
    static var itemResource: any ItemResource { get }
    static var service: any CRUDService { get }
    static var dao: any DAO { get }
    static var validator: any Validator { get }
    static var notifier: any Notifier { get }

    /// Whole, valid documents: for the tests that every plugin passes and for the documentation.
    static var examples: [JSON] { get }
}

extension ResourcePlugin {
    package static var documentType: String { String(name.dropLast()) }
    package static var views: [ListView] { [] }
    package static var uniqueFields: [UniqueField] { [] }
    package static var references: [ReferenceField] { [] }
    package static var normalisations: [Normalisation] { [] }
    package static func lookupKeys(of document: Document) -> [UniqueKey] { [] }
    package static var access: ResourceAccess { ResourceAccess() }
    package static var listResource: any ListResource { StandardListResource() }
    package static var itemResource: any ItemResource { StandardItemResource() }
    package static var service: any CRUDService { StandardCRUDService() }
    package static var dao: any DAO { StandardDAO() }
    package static var validator: any Validator { NoFurtherRules() }
    package static var notifier: any Notifier { StandardNotifier() }

    package static func routes(kit: Kit) -> [PluginRoute] {
        let resource = ResourceDefinition(Self.self)
        return [
            PluginRoute("/accounts/{account}/\(name)", resource.listRoute(kit)),
            PluginRoute("/accounts/{account}/\(name)/{\(documentType)}", resource.itemRoute(kit)),
        ]
    }

    package static func problems(kit: Kit) -> [String] {
        var problems: [String] = []
        if kit.schemas[name] == nil { problems.append("\(name): there is no \(name).schema.json in its folder") }
        if examples.isEmpty { problems.append("\(name): it declares no examples") }
        return problems
    }
}

/// The methods of a resource, and who may use each.
package struct ResourceAccess: Sendable {
    package var list: [(method: HTTPRequest.Method, access: Access)]
    package var item: [(method: HTTPRequest.Method, access: Access)]

    /// All methods: reading for one circle, writing for another.
    package init(read: Access = .account(.user), write: Access = .account(.user), create: Access? = nil) {
        list = [(.get, read), (.put, create ?? write)]
        item = [(.get, read), (.post, write), (.patch, write), (.delete, create ?? write)]
    }
}

/// A resource's declaration as a value, so that the parts need not know its type.
package struct ResourceDefinition: Sendable {
    package let name: String
    package let documentType: String
    package let views: [ListView]
    package let uniqueFields: [UniqueField]
    package let references: [ReferenceField]
    package let normalisations: [Normalisation]
    package let lookupKeys: @Sendable (Document) -> [UniqueKey]
    package let access: ResourceAccess
    package let listResource: any ListResource
    package let itemResource: any ItemResource
    package let service: any CRUDService
    package let dao: any DAO
    package let validator: any Validator
    package let notifier: any Notifier

    package init<Declaration: ResourcePlugin>(_ plugin: Declaration.Type) {
        name = plugin.name
        documentType = plugin.documentType
        views = [plugin.list] + plugin.views
        uniqueFields = plugin.uniqueFields
        references = plugin.references
        normalisations = plugin.normalisations
        lookupKeys = { plugin.lookupKeys(of: $0) }
        access = plugin.access
        listResource = plugin.listResource
        itemResource = plugin.itemResource
        service = plugin.service
        dao = plugin.dao
        validator = plugin.validator
        notifier = plugin.notifier
    }

    /// The name of a view in the store.
    func storeName(of view: ListView, within: String? = nil) -> String {
        [name, view.name, within].compactMap { $0 }.joined(separator: "/")
    }
}
