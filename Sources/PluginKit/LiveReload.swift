//  Whether changes make others reload at once, or an operator has put that off for bulk work.

import DocumentStore
import Gateway
import JSON

/// One switch for the whole installation; a document of the system, on if there is none.
package struct LiveReload: Sendable {
    let store: any DocumentStore

    private static let address = DocumentAddress(DocumentID("live_reload"), in: .system)
    static let type = "live_reload"

    /// Cost: one lookup.
    package func isOn() throws(APIError) -> Bool { try stored().map(Self.isOn) ?? true }

    /// Turns the switch. The event of it wakes those who wait for what was held back.
    package func set(_ isOn: Bool, for call: Call) throws(APIError) {
        // Somebody else may turn it at this moment; the last one wins.
        for _ in 0..<8 {
            let old = try stored()
            if old.map(Self.isOn) ?? true == isOn { return }
            let body = JSON.object(["id": .string(Self.address.id.text), "enabled": .bool(isOn)]).bytes()
            let document = StoredDocument(
                id: Self.address.id,
                scope: Self.address.scope,
                type: Self.type,
                revision: Revision(after: old?.revision, content: body),
                created: old?.created ?? call.time,
                modified: call.time,
                body: body
            )
            let event = Event(
                name: "\(Self.type)_edited",
                scope: .system,
                document: document.id,
                type: Self.type,
                revision: document.revision,
                changed: ["enabled"],
                actor: actorName(call.caller),
                requestID: call.requestID,
                time: call.time
            )
            let write = DocumentWrite(document, replacing: old?.revision, projection: Projection())
            do {
                return try store.commit(ChangeSet(writes: [write], events: [event]))
            } catch .conflict {
                continue
            } catch {
                throw APIError(error)
            }
        }
        throw .conflict
    }

    private func stored() throws(APIError) -> StoredDocument? {
        try store.read { store throws(StoreError) in
            try store.document(Self.address.id, in: Self.address.scope)
        }
    }

    private static func isOn(_ document: StoredDocument) -> Bool {
        (try? JSON(parsing: document.body))?["enabled"]?.bool ?? true
    }
}
