//  What one commit makes true: documents with what is derived from them, preconditions and events.

import JSON

/// A document as a store keeps it.
package struct StoredDocument: Equatable, Sendable {
    package var id: DocumentID
    package var scope: Scope
    /// The kind of document in the singular: `user`, `device`.
    package var type: String
    package var revision: Revision
    /// Unix seconds of the first write.
    package var created: Int64
    /// Unix seconds of the last write.
    package var modified: Int64
    /// A tombstone: the document was deleted and can be restored until it is purged.
    package var isDeleted: Bool
    /// The public fields, `id` among them: one compact JSON object in UTF-8, ready to be sent.
    package var body: [UInt8]
    /// The private fields (credentials, tree, stamps): one compact JSON object in UTF-8, never sent.
    package var privateBody: [UInt8]

    package init(
        id: DocumentID,
        scope: Scope,
        type: String,
        revision: Revision,
        created: Int64,
        modified: Int64,
        isDeleted: Bool = false,
        body: [UInt8],
        privateBody: [UInt8] = Array("{}".utf8)
    ) {
        self.id = id
        self.scope = scope
        self.type = type
        self.revision = revision
        self.created = created
        self.modified = modified
        self.isDeleted = isDeleted
        self.body = body
        self.privateBody = privateBody
    }

    package var address: DocumentAddress { DocumentAddress(id, in: scope) }
}

/// What a document writes about itself into the indexes; it replaces what the document's last write left there.
package struct Projection: Equatable, Sendable {
    package var rows: [ListRow]
    package var uniqueKeys: [UniqueKey]
    package var references: [OutgoingReference]
    /// The files that belong to the document.
    package var attachments: [AttachmentDigest]

    package init(
        rows: [ListRow] = [],
        uniqueKeys: [UniqueKey] = [],
        references: [OutgoingReference] = [],
        attachments: [AttachmentDigest] = []
    ) {
        self.rows = rows
        self.uniqueKeys = uniqueKeys
        self.references = references
        self.attachments = attachments
    }
}

/// One row of a list view. Its scope may differ from the document's: accounts list themselves in the system's views.
package struct ListRow: Hashable, Sendable {
    package var scope: Scope
    package var view: String
    package var key: CollationKey
    /// What the list shows: one compact JSON object in UTF-8.
    package var summary: [UInt8]

    package init(scope: Scope, view: String, key: CollationKey, summary: [UInt8]) {
        self.scope = scope
        self.view = view
        self.key = key
        self.summary = summary
    }
}

/// A value that at most one document may hold. Normalise before: equal means equal bytes, as in the store.
package struct UniqueKey: Hashable, Sendable {
    package var scope: Scope
    package var name: String
    package var value: String

    package init(scope: Scope, name: String, value: String) {
        self.scope = scope
        self.name = name
        self.value = value
    }

    package static func == (left: UniqueKey, right: UniqueKey) -> Bool {
        left.scope == right.scope && sameScalars(left.name, right.name) && sameScalars(left.value, right.value)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(scope)
        hashScalars(name, into: &hasher)
        hashScalars(value, into: &hasher)
    }
}

/// A field of this document that names another of the same scope. Equal means equal bytes, as in the store.
package struct OutgoingReference: Hashable, Sendable {
    package var field: String
    package var target: DocumentID

    package init(field: String, target: DocumentID) {
        self.field = field
        self.target = target
    }

    package static func == (left: OutgoingReference, right: OutgoingReference) -> Bool {
        left.target == right.target && sameScalars(left.field, right.field)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(target)
        hashScalars(field, into: &hasher)
    }
}

/// A document that names another.
package struct IncomingReference: Hashable, Sendable {
    package var field: String
    package var source: DocumentID
    package var sourceType: String

    package init(field: String, source: DocumentID, sourceType: String) {
        self.field = field
        self.source = source
        self.sourceType = sourceType
    }
}

/// A document's next state.
package struct DocumentWrite: Equatable, Sendable {
    package var document: StoredDocument
    /// The revision that this write replaces; nil to create, which also may follow a tombstone's purge only.
    package var replacing: Revision?
    package var projection: Projection

    package init(_ document: StoredDocument, replacing: Revision?, projection: Projection) {
        self.document = document
        self.replacing = replacing
        self.projection = projection
    }
}

/// What must hold at the moment of the commit.
package enum Precondition: Hashable, Sendable {
    /// The document exists and is no tombstone.
    case exists(DocumentAddress)
    /// No document outside the change set names this one in any field but these.
    case unreferenced(DocumentAddress, except: Set<String> = [])
    /// The view has no rows.
    case empty(view: String, in: Scope)
    /// The view has this number of rows before the change set becomes true.
    case count(of: String, in: Scope, is: Int)
    /// The document still has this revision, unless the change set itself writes it.
    case unchanged(DocumentAddress, Revision)
    /// Apart from the documents that the change set writes, exactly these of the type name this one in the field.
    case referrers(of: DocumentAddress, type: String, field: String, are: Set<DocumentID>)
}

/// Something that happened to a document, told to the world after the commit.
package struct Event: Equatable, Sendable {
    /// 32 hexadecimal digits that no other event has, also not after a backup was restored: by them a receiver knows a
    /// repetition.
    package var id: String
    /// `user_created`, `user_edited`, `user_deleted`, `user_line_associated`, `user_line_dissociated`.
    package var name: String
    package var scope: Scope
    package var document: DocumentID
    package var type: String
    package var revision: Revision
    /// The top-level public fields that differ, sorted.
    package var changed: [String]
    /// Further documents of the scope that it is about: the line of `user_line_associated`.
    package var related: [DocumentID]
    /// What it makes stale outside of the store, sorted: `dialplan`, `sip`, `voicemail`.
    package var reloads: [String]
    /// Who did it: `user:<id>`, `account:<id>` for a key of the account, `system`.
    package var actor: String
    package var requestID: String
    /// Unix seconds.
    package var time: Int64

    package init(
        id: String = DocumentID.random().text,
        name: String,
        scope: Scope,
        document: DocumentID,
        type: String,
        revision: Revision,
        changed: [String],
        related: [DocumentID] = [],
        reloads: [String] = [],
        actor: String,
        requestID: String,
        time: Int64
    ) {
        self.id = id
        self.name = name
        self.scope = scope
        self.document = document
        self.type = type
        self.revision = revision
        self.changed = changed
        self.related = related
        self.reloads = reloads
        self.actor = actor
        self.requestID = requestID
        self.time = time
    }
}

extension Event {
    /// Whether a word can be the name of something to reload: lower-case letters, digits and `_`, because it becomes the
    /// name of a file.
    package static func isReloadName(_ word: String) -> Bool {
        (1...64).contains(word.utf8.count)
            && word.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            }
    }
}

/// An event with its place in the outbox.
package struct RecordedEvent: Equatable, Sendable {
    /// Greater than every earlier commit's, and of one commit in the order of its change set.
    package var sequence: Int64
    package var event: Event

    package init(sequence: Int64, event: Event) {
        self.sequence = sequence
        self.event = event
    }
}

/// Everything that one commit makes true.
package struct ChangeSet: Equatable, Sendable {
    package var writes: [DocumentWrite]
    package var preconditions: Set<Precondition>
    package var events: [Event]

    package init(writes: [DocumentWrite] = [], preconditions: Set<Precondition> = [], events: [Event] = []) {
        self.writes = writes
        self.preconditions = preconditions
        self.events = events
    }

    package var isEmpty: Bool { writes.isEmpty && events.isEmpty }
}
