// Stands in for the chart library's HTML tooltip, which nothing here asks for.
export default class {}
