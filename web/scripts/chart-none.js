// Stands in for parts of the chart library that nothing here asks for: HTML tooltips, options of its old versions, another language.
export default function none() {}
