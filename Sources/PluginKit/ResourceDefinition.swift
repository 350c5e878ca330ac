//  A resource's declaration as a value, so that the parts need not know its type.

import DocumentStore
import Gateway
import HTTPTypes
import JSON
import JSONSchema

/// Everything that a resource declares, and what associations add to it.
package struct ResourceDefinition: Sendable {
    package let name: String
    package let documentType: String
    /// The path of the collection: `/accounts/{account}/users`.
    package let collectionPath: String
    package let schema: Schema
    /// What the documents belong to; empty if that is the account.
    package let parents: [Parentage]
    /// Nil for a collection.
    package let singleton: Singleton?
    let actions: [Action]
    /// What may come with a new document.
    let firstFile: DeclaredFile?
    /// What whoever accepts its media types gets of a document.
    let ownFile: DeclaredFile?
    package let views: [ListView]
    package internal(set) var uniqueFields: [UniqueField]
    package internal(set) var references: [ReferenceField]
    package internal(set) var computed: [ComputedField]
    /// What of the documents not everybody sees.
    package internal(set) var concealment: Concealment
    /// The associations whose links documents of this resource hold.
    package internal(set) var links: [Link] = []
    /// The associations whose links lead to documents of this resource.
    package internal(set) var incomingLinks: [Link] = []
    /// Whole, valid documents.
    package let examples: [JSON]
    let reloads: [String]
    let normalisations: [Normalisation]
    let lookupKeys: @Sendable (Document) -> [UniqueKey]
    package let access: ResourceAccess
    let listResource: any ListResource
    let itemResource: any ItemResource
    let service: any CRUDService
    let dao: any DAO
    let validator: any Validator
    let notifier: any Notifier

    init<Declaration: ResourcePlugin>(_ plugin: Declaration.Type, schema: Schema) {
        name = plugin.name
        documentType = plugin.documentType
        collectionPath = plugin.collectionPath
        self.schema = schema
        parents = plugin.parents
        singleton = (plugin as? any SingletonPlugin.Type).map { Singleton(standard: $0.standard) }
        actions = plugin.actions
        firstFile = plugin.firstFile.map { DeclaredFile($0) }
        ownFile = plugin.ownFile.map { DeclaredFile($0) }
        views = [plugin.list.divided(by: parents)] + plugin.views
        uniqueFields = plugin.uniqueFields
        references = plugin.references + parents.map(\.reference)
        computed = plugin.computed
        concealment = Concealment(secretFields: plugin.secretFields)
        examples = plugin.examples
        reloads = plugin.reloads
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
}

extension ResourceDefinition {
    /// The path of one document.
    package var itemPath: String { "\(collectionPath)/{\(documentType)}" }
}

/// A file of a document, as its own plugin declares it.
struct DeclaredFile: Sendable {
    let word: String
    let mediaTypes: [String]
    let sizeLimit: Int
    let describe: AttachmentDescription
    let fileName: @Sendable (Document, Attachment) -> String?

    init<Declaration: AttachmentPlugin>(_ plugin: Declaration.Type) {
        word = plugin.word
        mediaTypes = plugin.mediaTypes
        sizeLimit = plugin.sizeLimit
        describe = { plugin.describe($0, in: &$1) }
        fileName = { plugin.fileName(of: $0, $1) }
    }
}

/// The methods of a resource, and who may use each.
package struct ResourceAccess: Sendable {
    package var list: [(method: HTTPRequest.Method, access: Access)]
    package var item: [(method: HTTPRequest.Method, access: Access)]

    /// All methods: reading for one circle, writing for another, creating and deleting for a third if it differs.
    package init(
        read: Access = .account(.user),
        write: Access = .account(.admin),
        create: Access? = nil
    ) {
        list = [(.get, read), (.put, create ?? write)]
        item = [(.get, read), (.post, write), (.patch, write), (.delete, create ?? write)]
    }
}
