//  What plugins are built with.

import DocumentStore
import Gateway
import Identity
import JSONSchema

/// The server's own things, shared by all plugins. The store is the kit's secret: plugins reach documents through
/// their service only.
package struct Kit: Sendable {
    let store: any DocumentStore & AttachmentStore & DocumentHistory & Outbox & RecordStore
    /// Those that are on.
    let plugins: [any Plugin.Type]
    package let schemas: SchemaSet
    package let catalogue: Catalogue
    package let identity: IdentityKit
    package let directory: Directory
    package let revocations: Revocations
    package let installation: Installation
    package let fileLimits: FileLimits

    /// - Parameters:
    ///   - plugins: those that are on.
    ///   - keys: the installation's secrets.
    ///   - notices: where what a person is to be told by mail is put.
    ///   - revocations: the tokens that were ended.
    ///   - fileLimits: how much room files have.
    package init(
        store: any DocumentStore & AttachmentStore & DocumentHistory & Outbox & RecordStore,
        plugins: [any Plugin.Type],
        schemas: SchemaSet,
        keys: KeySet,
        notices: NoticeSpool,
        settings: IdentitySettings,
        installation: Installation,
        revocations: Revocations,
        fileLimits: FileLimits = FileLimits()
    ) {
        self.store = store
        self.plugins = plugins
        self.schemas = schemas
        catalogue = Catalogue(plugins, schemas: schemas)
        self.revocations = revocations
        directory = Directory(store: store, revocations: revocations, defaults: settings.policy)
        identity = IdentityKit(
            keys: keys,
            issuer: installation.id,
            directory: directory,
            records: store,
            notices: notices,
            settings: settings
        )
        self.installation = installation
        self.fileLimits = fileLimits
    }

    /// Makes what answers requests.
    ///
    /// - Parameters:
    ///   - version: of this release.
    ///   - pages: makes what makes pages for people with browsers.
    ///   - clock: the time in Unix seconds.
    ///   - observe: is told of every answered request.
    /// - Throws: `RegistryError` with every inconsistency of the plugins.
    package func dispatcher(
        version: String,
        pages: (Kit, Registry) -> any PageMaker,
        clock: @escaping @Sendable () -> Int64,
        observe: @escaping @Sendable (Observation) -> Void
    ) throws(RegistryError) -> Dispatcher {
        let registry = try Registry(plugins, kit: self)
        return Dispatcher(
            router: registry,
            authenticator: identity.authenticator,
            accounts: directory,
            sessions: identity.sessions,
            limits: RequestLimits(identity.settings.requests),
            uploads: Uploads(StoredFiles(store: store, quota: fileLimits.account), limit: fileLimits.body),
            links: DownloadLinks(identity.paths),
            replies: StoredReplies(store: store),
            pages: pages(self, registry),
            server: ServerDescription(node: installation.id, version: version),
            clock: clock,
            observe: observe
        )
    }

    /// Returns the policy for logins to an account.
    package func policy(of account: String) throws(APIError) -> SecurityPolicy {
        try directory.policy(of: account)
    }

    /// What happened and never changes: for plugins whose data are no documents.
    package var records: any RecordStore { store }

    /// What has been told to the world.
    package var changes: ChangeLog { ChangeLog(store: store) }

    package var liveReload: LiveReload { LiveReload(store: store) }

    /// Whether a plugin is on.
    package func has(_ plugin: any Plugin.Type) -> Bool { plugins.contains { $0.name == plugin.name } }

    /// Returns a resource's service for one call, in an account.
    ///
    /// - Parameter account: the account to work in; if nil that of the call's path, and without one the caller's own.
    /// - Throws: `.invalidCredentials` if there is no account at all.
    package func service<Resource: ResourcePlugin>(
        _ plugin: Resource.Type,
        for call: Call,
        in account: String? = nil
    ) throws(APIError) -> BoundService {
        try service(type: plugin.documentType, for: call, in: account)
    }

    /// Returns the service of the resource of a kind of document.
    ///
    /// - Throws: as above, and `.notFound` if no plugin has documents of this kind.
    package func service(type: String, for call: Call, in account: String? = nil) throws(APIError) -> BoundService {
        guard let id = account ?? call.account?.id ?? call.caller?.account.id else { throw .invalidCredentials }
        return try service(type: type, for: call, scope: .account(DocumentID(id)))
    }

    /// Returns a resource's service outside of any account: for setting up what accounts come from.
    package func systemService<Resource: ResourcePlugin>(
        _ plugin: Resource.Type,
        for call: Call
    ) throws(APIError) -> BoundService {
        try service(type: plugin.documentType, for: call, scope: .system)
    }

    /// Returns a unit of work for reading, in the account of the call's path or the caller's own.
    func unit(for call: Call) throws(APIError) -> UnitOfWork {
        guard let id = call.account?.id ?? call.caller?.account.id else { throw .invalidCredentials }
        return unit(for: call, scope: .account(DocumentID(id)), subject: nil, memo: Memo())
    }

    func unit(
        for call: Call,
        scope: Scope,
        subject: (id: DocumentID, conditions: Conditions)?,
        memo: Memo
    ) -> UnitOfWork {
        UnitOfWork(
            scope: scope,
            caller: call.caller,
            requestID: call.requestID,
            time: call.time,
            subject: subject,
            memo: memo,
            store: store
        )
    }

    /// Returns which document of a resource holds a value of a field that is unique on the whole server, or nil.
    package func holder<Resource: ResourcePlugin>(
        of value: String,
        _ field: UniqueField,
        _ resource: Resource.Type
    ) throws(APIError) -> DocumentAddress? {
        try holder(of: field.key(value, in: .system, resource.name))
    }

    /// Returns which document holds a unique key of the whole server, or nil.
    package func holder(of key: UniqueKey) throws(APIError) -> DocumentAddress? {
        try store.read { store throws(StoreError) in try store.holder(of: key) }
    }

    private func service(type: String, for call: Call, scope: Scope) throws(APIError) -> BoundService {
        guard let resource = catalogue[type: type] else { throw .notFound }
        return BoundService(resource: resource, kit: self, scope: scope, call: call)
    }
}
