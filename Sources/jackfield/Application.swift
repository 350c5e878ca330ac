//  The server put together from its parts.

import DocumentStore
import Gateway
import Glibc
import HTTPMessage
import Identity
import Pages
import PluginKit
import Plugins
import SQLiteStore

/// Everything between the socket and the disk.
struct Application {
    let kit: Kit
    let store: SQLiteStore

    /// Opens a data directory.
    ///
    /// - Parameters:
    ///   - settings: those of the operator; their `data` is the directory.
    ///   - isNew: whether the directory may be empty; then its secrets are made.
    ///   - onUpgrade: called before tables of an earlier release, of this version, are brought up to date.
    ///   - onFailure: called when the disk failed and the process must end.
    /// - Throws: `Failure` with a sentence that says what to do.
    init(
        _ settings: Settings,
        isNew: Bool = false,
        onUpgrade: (_ version: Int64) -> Void = { _ in },
        onFailure: @escaping @Sendable (StoreError) -> Void
    ) throws(Failure) {
        do {
            let store = try SQLiteStore(
                directory: settings.data,
                options: settings.store,
                onUpgrade: onUpgrade,
                onFailure: onFailure
            )
            let found = try Installation.read(from: store)
            // Keys are made for a new installation only: in the place of lost ones they would end every login silently.
            let keys = try Self.keys(settings, create: isNew && found == nil)
            let installation = try found ?? Installation.create(in: store, time: Self.now())
            try self.init(settings, store, keys, installation, revocations: nil)
        } catch {
            throw Self.failure(error, settings.data)
        }
    }

    private init(
        _ settings: Settings,
        _ store: SQLiteStore,
        _ keys: KeySet,
        _ installation: Installation,
        revocations: Revocations?
    ) throws {
        self.store = store
        kit = Kit(
            store: store,
            plugins: settings.plugins,
            schemas: try DiscoveredPlugins.schemaSet(),
            keys: keys,
            notices: NoticeSpool(directory: settings.data + "/notices"),
            settings: settings.identity,
            installation: installation,
            revocations: try revocations ?? Revocations(store: store, now: Self.now() - TokenTerms.skew),
            fileLimits: settings.files
        )
    }

    /// The same server with other settings and the keys that are in the directory now. What the store was opened with,
    /// and how many requests are worked on at once, stays.
    ///
    /// - Throws: `Failure` with a sentence that says why not; this one goes on then.
    func reloaded(_ settings: Settings) throws(Failure) -> Application {
        do {
            let keys = try Self.keys(settings, create: false)
            return try Application(settings, store, keys, kit.installation, revocations: kit.revocations)
        } catch {
            throw Self.failure(error, settings.data)
        }
    }

    /// Makes what answers requests.
    ///
    /// - Throws: `Failure` with every inconsistency of the plugins.
    func dispatcher(observe: @escaping @Sendable (Observation) -> Void) throws(Failure) -> Dispatcher {
        do {
            return try kit.dispatcher(
                version: Release.version,
                pages: { Pages($0, $1) },
                clock: Self.now,
                observe: observe
            )
        } catch {
            throw Failure("The plugins do not fit together:\n\(error)")
        }
    }

    /// Notes that the first documents are all there.
    func completeInstallation() throws(APIError) {
        try kit.installation.complete(in: store, time: Self.now())
    }

    func close() { store.close() }

    /// Unix seconds.
    static func now() -> Int64 { Int64(time(nil)) }

    private static func keys(_ settings: Settings, create: Bool) throws(IdentityError) -> KeySet {
        let directory = settings.data + "/keys"
        return create && !KeySet.exists(in: directory)
            ? try KeySet.create(in: directory, pepperPath: settings.pepper)
            : try KeySet.load(from: directory, pepperPath: settings.pepper)
    }

    private static func failure(_ error: any Error, _ data: String) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let error as StoreError: Failure(error, data: data)
        case IdentityError.keyFile(let path, let reason):
            Failure("\(path): \(reason). Run `jackfield init` for a new data directory, or restore its keys.")
        default:
            Failure("The data directory \(data) cannot be opened: \(error).")
        }
    }
}
