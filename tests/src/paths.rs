//! One canonical form of every request, decided once and forwarded as it was judged; whatever has
//! two meanings is refused (security.md 5, 3).

mod ambiguous;
mod canonical;
mod hosts;
mod methods;
