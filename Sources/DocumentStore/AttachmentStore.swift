//  Bytes that belong to documents: voicemail audio, photos, logos. Files named by their SHA-256.
//
//  An attachment is written and synced before the document that names it; documents with equal bytes share one. A
//  document names its attachments in its projection. What no document names is collected after a time of grace,
//  which covers the way from the upload to the commit.

/// The name of an attachment: the SHA-256 of its bytes, 64 lowercase hexadecimal digits.
package struct AttachmentDigest: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// Returns nil unless the text is a digest.
    package init?(_ text: String) {
        guard text.utf8.count == 64, text.utf8.allSatisfy(isLowercaseHexadecimal) else { return nil }
        self.text = text
    }

    package var description: String { text }

    /// Where the file lies under the folder of attachments: `ab/cdef…`.
    package var path: String { "\(text.prefix(2))/\(text.dropFirst(2))" }
}

package protocol AttachmentStore: Sendable {
    /// Stores bytes and returns their name once they are on disk; bytes that are there already are stored once.
    func storeAttachment(_ bytes: [UInt8]) throws(StoreError) -> AttachmentDigest

    /// Stores what `source` gives, piece by piece, until it gives nil.
    ///
    /// - Throws: what `source` throws, or `.full` and `.io` for the disk. Nothing is left behind.
    func storeAttachment(
        from source: () throws(StoreError) -> [UInt8]?
    ) throws(StoreError) -> AttachmentDigest

    /// Returns the bytes of an attachment, or nil if there is none.
    ///
    /// - Throws: `.corrupt` if they are not those that were stored.
    func attachment(_ digest: AttachmentDigest) throws(StoreError) -> [UInt8]?

    /// Hands on the bytes of an attachment, piece by piece, without looking whether they are those that were stored.
    ///
    /// - Throws: what `take` throws; `StoreError.corrupt` if there is no such attachment, `.io`.
    func readAttachment(_ digest: AttachmentDigest, _ take: (ArraySlice<UInt8>) throws -> Void) throws

    /// Counts an attachment among the bytes of a scope until it is collected, whether or not a document comes to name
    /// it; so that what was sent for nothing, again and again, does not fill the disk.
    ///
    /// - Throws: `.missing` if it is not there; `.full`, `.readOnly`, `.io`.
    func holdAttachment(_ digest: AttachmentDigest, for scope: Scope) throws(StoreError)

    /// How many bytes are on disk for a scope: the attachments that its documents name, deleted ones among them, those
    /// that they named, and those that are held for it, until they are collected. Equal bytes count once.
    ///
    /// Cost: one index range of the scope's attachments.
    func attachmentBytes(of scope: Scope) throws(StoreError) -> Int

    /// Removes attachments that no document names and that were stored more than `grace` seconds ago; returns how
    /// many went. What is older counts for a scope only if its documents name it.
    func collectAttachments(grace: Int64) throws(StoreError) -> Int
}
