//  A resource: documents of one kind, with a collection and an item.

import DocumentStore
import Gateway
import HTTPTypes
import JSON

/// A plugin that manages documents of one kind.
///
/// The declaration is the plugin: the routes `/accounts/{A}/NAME` and `/accounts/{A}/NAME/{ID}`, their access rules,
/// the list rows, the unique keys and the events follow from it. A part that differs from the default is one more
/// file in the plugin's folder and one line here.
package protocol ResourcePlugin: ExamplePlugin {
    /// The kind of document in the singular, also the first word of its events: `user`. By default the name in
    /// the singular.
    static var documentType: String { get }

    /// The path of the collection: `/accounts/{account}/users`.
    static var collectionPath: String { get }

    /// The path of one document.
    static var itemPath: String { get }

    /// What the documents belong to; empty if that is the account.
    static var parents: [Parentage] { get }

    /// The schema's name; by default the plugin's.
    static var schemaName: String { get }

    /// What `GET /NAME` shows.
    static var list: ListView { get }

    /// Further views of the same documents, written with them.
    static var views: [ListView] { get }

    /// Fields that no two documents may share.
    static var uniqueFields: [UniqueField] { get }

    /// Fields that name other documents.
    static var references: [ReferenceField] { get }

    /// Fields that only administrators see, and the user whose document it is: passwords, PINs. They are hidden from
    /// everybody else in answers, lists, filters and the past; who does not see them cannot change them, and loses none
    /// by replacing the document.
    static var secretFields: [FieldPath] { get }

    /// Fields that are computed when a document is shown.
    static var computed: [ComputedField] { get }

    /// What a change of a document makes stale outside of the store, and is to be read again by others: `dialplan`,
    /// `sip`, `voicemail`. Lower-case letters, digits and `_`.
    static var reloads: [String] { get }

    /// How fields are written before they are checked and stored.
    static var normalisations: [Normalisation] { get }

    /// Further unique keys of a document, by which the server finds it; not told to clients.
    static func lookupKeys(of document: Document) -> [UniqueKey]

    /// The methods, and who may use them.
    static var access: ResourceAccess { get }

    /// What it answers beyond these.
    static var actions: [Action] { get }

    /// The plugin of the file that may come with a new document, in one request; nil if none may.
    static var firstFile: (any AttachmentPlugin.Type)? { get }

    /// The plugin of the file that `GET` of a document answers with, to whoever accepts the file's media types rather than
    /// a document: `audio/mpeg`. Nil if the file is at its own path only.
    static var ownFile: (any AttachmentPlugin.Type)? { get }

    static var listResource: any ListResource { get }
    static var itemResource: any ItemResource { get }
    static var service: any CRUDService { get }
    static var dao: any DAO { get }
    static var validator: any Validator { get }
    static var notifier: any Notifier { get }
}

extension ResourcePlugin {
    package static var documentType: String { name.singular }
    package static var collectionPath: String { "/accounts/{account}/\(name)" }
    package static var parents: [Parentage] { [] }
    package static var schemaName: String { name }
    package static var secretFields: [FieldPath] { [] }
    package static var computed: [ComputedField] { [] }
    package static var views: [ListView] { [] }
    package static var uniqueFields: [UniqueField] { [] }
    package static var references: [ReferenceField] { [] }
    package static var reloads: [String] { [] }
    package static var normalisations: [Normalisation] { [] }
    package static func lookupKeys(of document: Document) -> [UniqueKey] { [] }
    package static var access: ResourceAccess { ResourceAccess() }
    package static var actions: [Action] { [] }
    package static var firstFile: (any AttachmentPlugin.Type)? { nil }
    package static var ownFile: (any AttachmentPlugin.Type)? { nil }
    package static var listResource: any ListResource { StandardListResource() }
    package static var itemResource: any ItemResource { StandardItemResource() }
    package static var service: any CRUDService { StandardCRUDService() }
    package static var dao: any DAO { StandardDAO() }
    package static var validator: any Validator { NoFurtherRules() }
    package static var notifier: any Notifier { StandardNotifier() }

    package static var itemPath: String { "\(collectionPath)/{\(documentType)}" }

    package static func routes(kit: Kit) -> [PluginRoute] {
        guard let resource = kit.catalogue[type: documentType] else { return [] }
        let routes = [
            PluginRoute(RouteTemplate(collectionPath), resource.listRoute(kit), .collection(schema: schemaName)),
            PluginRoute(RouteTemplate(itemPath), resource.itemRoute(kit), .document(schema: schemaName)),
        ]
        return resource.routes(routes, collectionPath, itemPath, kit)
    }
}
