//  What plugins are built with.

import DocumentStore
import Gateway
import Identity
import JSONSchema

/// The server's own things, shared by all plugins. The store is the kit's secret: plugins reach documents through
/// their service only.
package struct Kit: Sendable {
    let store: any DocumentStore
    package let schemas: SchemaSet
    package let identity: IdentityKit
    package let directory: Directory
    package let revocations: Revocations
    package let installation: Installation

    package init(
        store: any DocumentStore,
        schemas: SchemaSet,
        identity: IdentityKit,
        directory: Directory,
        revocations: Revocations,
        installation: Installation
    ) {
        self.store = store
        self.schemas = schemas
        self.identity = identity
        self.directory = directory
        self.revocations = revocations
        self.installation = installation
    }

    /// Returns a resource's service for one call.
    ///
    /// - Parameter account: the account to work in; that of the call's path if nil.
    package func service(_ resource: ResourceDefinition, for call: Call, in account: String? = nil) -> BoundService {
        let id = account ?? call.account?.id
        let scope = id.map { Scope.account(DocumentID($0)) } ?? .system
        return BoundService(resource: resource, kit: self, scope: scope, call: call)
    }
}

/// What makes and checks credentials and tokens.
package struct IdentityKit: Sendable {
    package let hasher: CredentialHasher
    package let login: PasswordLogin
    package let signer: TokenSigner

    package init(hasher: CredentialHasher, login: PasswordLogin, signer: TokenSigner) {
        self.hasher = hasher
        self.login = login
        self.signer = signer
    }
}
