//  Tells the world what happened, after it happened.

import DocumentStore

/// What is told of a change.
package struct Notice: Equatable, Sendable {
    /// `user_created`.
    package let name: String
    /// Further documents that it is about: the line of `user_line_associated`.
    package let related: [DocumentID]
    /// What it makes stale outside of the store, by names such as `dialplan`; nil for what the plugin declares.
    package let reloads: [String]?

    package init(_ name: String, related: [DocumentID] = [], reloads: [String]? = nil) {
        self.name = name
        self.related = related
        self.reloads = reloads
    }
}

/// What a change is called when it is told to others: a pure function, called once for each real change.
///
/// The notices become events of the commit that they tell of, so none is lost and none is told of a commit that failed.
package protocol Notifier: Sendable {
    func notices(of change: Change, type: String) -> [Notice]
}

extension Notifier {
    package func notices(of change: Change, type: String) -> [Notice] {
        switch (change.old, change.new) {
        case (nil, nil): []
        case (nil, _): [Notice("\(type)_created")]
        case (_, nil): [Notice("\(type)_deleted")]
        default: [Notice("\(type)_edited")]
        }
    }
}

/// One event a change: created, edited or deleted.
package struct StandardNotifier: Notifier {
    package init() {}
}
