//  What the application knows and does for the relay beside events; implemented over its documents.

import JSON

/// The relay's side of the application. Called on the thread of the events socket.
package protocol RelayDesk: Sendable {
    /// Whether a consumer gets no events for the time being: `reload` during bulk work. It gets them all afterwards.
    func holdsBack(_ consumer: String) -> Bool

    /// The accounts above an account, the root first; none if it is not known.
    func ancestors(of account: String) -> [String]

    /// The webhooks that are on, of all accounts, each in the form that Hook reads.
    func hooks() throws -> [JSON]

    /// Stores what became of requests to webhooks, each in the form that Attempt writes, and disables the hooks that an
    /// attempt says to disable.
    func record(_ attempts: [JSON]) throws
}
