//  Transactions: payments. Nobody pays here, so there are none.

import PluginKit

struct TransactionsPlugin: ViewPlugin {
    static let name = "transactions"
    static let summary: String? = "An account's payments; always empty, because nothing is charged here."
    static let source = ViewSource.nothing
}
