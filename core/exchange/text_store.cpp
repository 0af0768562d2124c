#include "core/exchange/text_store.hpp"

namespace understudy {

SqlText TextStore::keep(BytesView sql) {
    if (const auto found = texts_.find(sql); found != texts_.end()) return found->second.lock();
    if (bytes_ + sql.size() > max_bytes_) {
        ++refused_;
        return nullptr;
    }
    SqlText text(new Bytes(sql), [this](const Bytes* last) {
        bytes_ -= last->size();
        texts_.erase(*last);
        delete last;
    });
    bytes_ += sql.size();
    texts_.emplace(*text, text);
    return text;
}

}  // namespace understudy
