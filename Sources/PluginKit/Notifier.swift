//  Tells the world what happened, after it happened.

import DocumentStore

/// What a change is called when it is told to others: a pure function, called once for each real change.
///
/// The events become part of the commit that they tell of, so none is lost and none is told of a commit that failed.
package protocol Notifier: Sendable {
    /// Returns the names of the events that a change causes: `user_created`.
    func eventNames(for change: Change, type: String) -> [String]
}

extension Notifier {
    package func eventNames(for change: Change, type: String) -> [String] {
        switch (change.old, change.new) {
        case (nil, nil): []
        case (nil, _): ["\(type)_created"]
        case (_, nil): ["\(type)_deleted"]
        default: ["\(type)_edited"]
        }
    }
}

/// One event a change: created, edited or deleted.
package struct StandardNotifier: Notifier {
    package init() {}
}
