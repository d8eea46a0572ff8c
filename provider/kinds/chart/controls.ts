/**
 * What explore does to the params of a chart that is opened and saved unchanged: it writes every control of the visualisation, so that
 * a chart of few params comes back with some fifty, and drops every key that is none of its controls. Both are no edits.
 *
 * Taken from a real Superset 6.1.0: for each visualisation the control panel that its explore held (its store, `explore.controls`) of a
 * chart of one metric and one dimension. A visualisation that is not there goes by `*` alone: its first save in the UI may then show
 * controls of its own as drift, until the template names them. Defaults that hang on the dataset or on other params are in `explore.ts`.
 */
import type { Json } from "../../json";

/** By visualisation, by control: the value its panel defaults to, where that is not null, '', [] or {}. `*`: the same wherever the control exists, but where null says that there is none. */
export const CONTROL_DEFAULTS: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  "*": {
    aggregateFunction: "Sum", align_pn: false, allow_rearrange_columns: false, allow_render_html: true, animation: true, area: false, areaB: false,
    autozoom: true, baseEdgeWidth: 3, baseNodeSize: 20, bins: 5, border_color: { a: 1, b: 0, g: 0, r: 0 }, border_width: 0, bottom_margin: "auto",
    cellSize: 300, cell_padding: 2, cell_radius: 0, cell_size: 10, chart_background_border_radius: 10,
    chart_background_color: { a: 0.2, b: 255, g: 255, r: 255 }, child_label_position: "bottom", clustering_radius: "60", colOrder: "key_a_to_z",
    colSubTotals: false, colSubtotalPosition: false, colTotals: false, color_by: "metric", color_by_primary_axis: false,
    color_picker: { a: 1, b: 135, g: 122, r: 0 }, color_pn: true, color_scheme: "supersetColors", combineMetric: false,
    comparison_color_enabled: false, comparison_color_scheme: "Green", comparison_type: "values", comparison_type_b: "values",
    contours: [{ color: { a: 100, b: 255, g: 0, r: 255 }, lowerThreshold: 4, strokeWidth: 1, zIndex: 10 }, { color: { a: 100, b: 0, g: 255, r: 0 }, lowerThreshold: 5, strokeWidth: 2, zIndex: 20 }, { color: { a: 100, b: 255, g: 0, r: 0 }, lowerThreshold: 6, upperThreshold: 10, zIndex: 30 }],
    contribution: false, country_fieldtype: "cca2", cumulative: false, date_format: "smart_date", date_time_format: "smart_date",
    decrease_color: { a: 1, b: 85, g: 67, r: 224 }, default_breakpoint_color: { a: 1, b: 158, g: 158, r: 158 }, domain_granularity: "month",
    donut: false, draggable: false, echart_options: "{}", edgeLength: 400, edgeSymbol: "none,arrow", emphasis: "descendant",
    enable_icon_javascript_mode: false, enable_icons: false, enable_label_javascript_mode: false, enable_labels: false, end_angle: -45,
    equal_date_size: true, extruded: true, fill_color_picker: { a: 1, b: 135, g: 122, r: 0 }, filled: true, filter_nulls: true, font_size: 15,
    force_max_interval: false, force_timestamp_formatting: false, forecastEnabled: false, forecastInterval: 0.8, forecastPeriods: 10, freq: "W-MON",
    friction: 0.2, global_opacity: 1, gravity: 0.3, grid_size: 20, group_others_when_limit_reached: false,
    handlebarsTemplate: "<ul class=\"data-list\">\n  {{#each data}}\n    <li>{{stringify this}}</li>\n  {{/each}}\n</ul>", header_font_size: 0.4,
    horizon_color_scale: "series",
    icon_javascript_config_generator: "() => ({\n  // Check the documentation at:\n  // https://deck.gl/docs/api-reference/layers/geojson-layer#pointtype-options-1\n  getIcon: () => ({ url: '', height: 128, width: 128 }),\n  getIconSize: 32,\n  iconSizeUnits: 'pixels',\n})",
    icon_size: 32, icon_size_unit: "pixels", include_search: false, include_series: false, include_time: false,
    increase_color: { a: 1, b: 137, g: 193, r: 90 }, initialTreeDepth: 2, innerRadius: 30, intensity: 1, is_circle: false, js_agg_function: "sum",
    label_color: { a: 1, b: 0, g: 0, r: 0 },
    label_javascript_config_generator: "() => ({\n  // Check the documentation at:\n  // https://deck.gl/docs/api-reference/layers/geojson-layer#pointtype-options-2\n  getText: f => f.properties.name,\n  getTextColor: [0, 0, 0, 255],\n  getTextSize: 24,\n  textSizeUnits: 'pixels',\n})",
    label_line: false, label_position: "top", label_property_name: "name", label_size: 24, label_size_unit: "pixels", labels_outside: true,
    left_margin: "auto", legendOrientation: "top", legendType: "scroll", legend_format: "SMART_NUMBER", legend_position: "tr",
    legend_type: "continuous", liftvalue_precision: 4, line_interpolation: "linear", line_type: "json", line_width: 1,
    linear_color_scheme: "superset_seq_1", logAxis: false, logAxisSecondary: false, log_scale: false, mapbox_color: "rgb(0, 139, 139)",
    markerEnabled: false, markerEnabledB: false, markerSize: 6, markerSizeB: 6, matrixify_all_sort_by_columns: "a_to_z",
    matrixify_all_sort_by_rows: "a_to_z", matrixify_charts_per_row: 4, matrixify_dimension_columns: { dimension: "", values: [] },
    matrixify_dimension_rows: { dimension: "", values: [] }, matrixify_dimension_selection_mode_columns: "members",
    matrixify_dimension_selection_mode_rows: "members", matrixify_enable: false, matrixify_fit_columns_dynamically: true,
    matrixify_mode_columns: "disabled", matrixify_mode_rows: "disabled", matrixify_row_height: 300, matrixify_show_column_headers: true,
    matrixify_show_row_labels: true, matrixify_topn_order_columns: true, matrixify_topn_order_rows: true, matrixify_topn_value_columns: 10,
    matrixify_topn_value_rows: 10, max_bubble_size: "25", max_radius: 250, metric_name_font_size: 0.15, metricsLayout: "COLUMNS", min_radius: 2,
    minorSplitLine: false, minorTicks: false, multiplier: 1, node_label_position: "left", normalize: false, normalize_across: "heatmap",
    normalized: false, num_buckets: 5, number_format: "SMART_NUMBER", only_total: true, only_totalB: true, opacityB: 0.2, order_desc: true,
    order_desc_b: true, orient: "LR", orientation: "vertical", outerRadius: 70, overlap: true, pandas_aggfunc: "sum", partition_limit: "5",
    partition_threshold: "0.05", percent_calculation_type: "first_step", percent_metric_calculation: "row_limit", percentage_threshold: 0,
    point_radius: "Auto", point_radius_fixed: { type: "fix", value: 1000 }, point_radius_unit: "Pixels", point_unit: "square_m", pvalue_precision: 6,
    radius_pixels: 30, render_while_dragging: true, repulsion: 1000, reverse_long_lat: false, rich_tooltip: true, roam: true,
    rose_area_proportion: false, round_cap: false, rowOrder: "key_a_to_z", rowSubTotals: false, rowSubtotalPosition: false, rowTotals: false,
    row_limit_b: 10000, selectedMode: "single", seriesTypeB: "line", series_height: "25", server_page_length: 10, server_pagination: false,
    showSymbolThreshold: 0, showTooltipPercentage: false, showTooltipTotal: true, show_axis_tick: false, show_bubbles: false, show_cell_bars: true,
    show_datatable: false, show_empty_columns: true, show_extra_controls: false, show_labels_threshold: 5, show_percentage: true, show_pointer: true,
    show_progress: true, show_query_identifiers: false, show_split_line: false, show_timestamp: false, show_tooltip_labels: true, show_totals: false,
    show_trend_line: true, show_upper_labels: true, show_value: false, show_values: false, show_x_axis: false, show_x_axis_min_max_labels: false,
    show_y_axis: false, show_y_axis_min_max_labels: false, significance_level: 0.05, size_from: 10, size_to: 70, sort_series_ascending: false,
    sort_series_ascendingB: false, sort_series_type: "sum", sort_series_typeB: "sum", split_number: 10, stackB: false, start_angle: 225,
    start_y_axis_at_zero: true, steps: 10, stroke_color_picker: { a: 1, b: 135, g: 122, r: 0 }, stroked: false, subcategories: false,
    subdomain_granularity: "day", subheader_font_size: 0.15, subtitle_font_size: 0.15, symbol: "emptyCircle", symbolSize: 7,
    table_timestamp_format: "smart_date", target_color_picker: { a: 1, b: 135, g: 122, r: 0 }, threshold_for_other: 0, time_format: "smart_date",
    time_range: "No filter", time_series_option: "not_time", time_shift_color: true, tooltipSizeFormat: "SMART_NUMBER", tooltipSortByMetric: false,
    tooltipTimeFormat: "smart_date", tooltipValuesFormat: "SMART_NUMBER", tooltip_label_type: 5, total_color: { a: 1, b: 102, g: 102, r: 102 },
    transposePivot: false, truncateXAxis: true, truncateYAxis: false, truncate_metric: true, truncate_metric_b: true, valueFormat: "SMART_NUMBER",
    value_bounds: [null, null], value_formatter: "{value}",
    viewport: { bearing: 0, latitude: 31.222656842808707, longitude: 6.85236157047845, pitch: 0, zoom: 1 }, whiskerOptions: "Tukey",
    xAxisForceCategorical: false, xAxisFormat: "SMART_NUMBER", xAxisLabelInterval: "auto", xAxisLabelRotation: 0, x_axis_number_format: "~g",
    x_axis_showminmax: false, x_axis_sort_asc: true, x_axis_time_format: "smart_date", x_log_scale: false, x_ticks_layout: "auto",
    xscale_interval: -1, yAxisIndex: 0, yAxisIndexB: 0, yAxisLabelRotation: 0, y_axis_bounds: [null, null], y_axis_bounds_secondary: [null, null],
    y_axis_format: "SMART_NUMBER", y_axis_format_secondary: "SMART_NUMBER", y_axis_showminmax: false, y_axis_title_position: "Left",
    y_log_scale: false, yscale_interval: -1, zoomable: false,
  },
  big_number: {
    aggregation: "LAST_VALUE", rolling_type: "None", show_metric_name: false,
  },
  big_number_total: {
    show_metric_name: false,
  },
  box_plot: {
    row_limit: 10000, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  bubble: {
    show_legend: true, x_axis_format: "SMART_NUMBER",
  },
  bubble_v2: {
    opacity: 0.6, row_limit: 10000, show_legend: true, x_axis_title_margin: 15, y_axis_title_margin: 15,
  },
  cal_heatmap: {
    show_legend: true, show_metric_name: true,
  },
  chord: {
    row_limit: 10000,
  },
  compare: {
    rolling_type: "None", row_limit: 10000, x_axis_format: "smart_date",
  },
  deck_arc: {
    color_scheme_type: "fixed_color", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_contour: {
    aggregation: "sum", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_geojson: {
    line_width_unit: "pixels", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_grid: {
    color_scheme_type: "categorical_palette", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_heatmap: {
    aggregation: "sum", color_scheme_type: "linear_palette", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_hex: {
    color_scheme_type: "categorical_palette", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_multi: {
    mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png",
  },
  deck_path: {
    line_width_unit: "meters", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_polygon: {
    color_scheme_type: "linear_palette", line_width_unit: "pixels", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", opacity: 80,
    row_limit: 10000,
  },
  deck_scatter: {
    color_scheme_type: "categorical_palette", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  deck_screengrid: {
    color_scheme_type: "default", mapbox_style: "https://tile.openstreetmap.org/{z}/{x}/{y}.png", row_limit: 10000,
  },
  echarts_area: {
    opacity: 0.2, row_limit: 10000, seriesType: "line", show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  echarts_timeseries: {
    opacity: 0.2, row_limit: 10000, show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  echarts_timeseries_bar: {
    row_limit: 10000, show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 15,
  },
  echarts_timeseries_line: {
    opacity: 0.2, row_limit: 10000, show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  echarts_timeseries_scatter: {
    row_limit: 10000, show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  echarts_timeseries_smooth: {
    row_limit: 10000, show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  echarts_timeseries_step: {
    opacity: 0.2, row_limit: 10000, seriesType: "start", show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  funnel: {
    label_type: 0, row_limit: 10, show_labels: true, show_legend: true, sort_by_metric: true,
  },
  gantt_chart: {
    row_limit: 10000, show_legend: true, x_axis_title_margin: 0, y_axis_title_margin: 0,
  },
  gauge_chart: {
    row_limit: 10,
  },
  graph_chart: {
    layout: "force", row_limit: 10000, show_legend: true,
  },
  handlebars: {
    row_limit: 10000,
  },
  heatmap_v2: {
    row_limit: 10000, show_legend: true,
  },
  histogram_v2: {
    row_limit: 10000, show_legend: true, x_axis_format: "SMART_NUMBER",
  },
  horizon: {
    row_limit: 10000,
  },
  mapbox: {
    mapbox_style: "mapbox://styles/mapbox/light-v9", row_limit: 10000,
  },
  mixed_timeseries: {
    opacity: 0.2, row_limit: 10000, seriesType: "line", show_legend: true, show_value: null, stack: false, x_axis_title_margin: 0,
    y_axis_title_margin: 0,
  },
  paired_ttest: {
    row_limit: 10000,
  },
  para: {
    row_limit: 10000,
  },
  partition: {
    rolling_type: "None", row_limit: 10000,
  },
  pie: {
    label_type: "key", row_limit: 100, show_labels: true, show_legend: true, show_total: false, sort_by_metric: true,
  },
  pivot_table_v2: {
    row_limit: 10000,
  },
  radar: {
    label_type: "value", row_limit: 10, show_labels: true, show_legend: true,
  },
  rose: {
    rolling_type: "None", row_limit: 10000,
  },
  sankey_v2: {
    row_limit: 10000,
  },
  sunburst_v2: {
    label_type: "key", row_limit: 10000, show_labels: false, show_total: false,
  },
  table: {
    matrixify_charts_per_row: 3, row_limit: 10000,
  },
  time_pivot: {
    show_legend: true, x_axis_format: "SMART_NUMBER",
  },
  time_table: {
    row_limit: 10000,
  },
  tree_chart: {
    layout: "orthogonal", row_limit: 10000,
  },
  treemap_v2: {
    label_type: "key_value", row_limit: 10000, show_labels: true,
  },
  waterfall: {
    row_limit: 10000, show_legend: false, show_total: true,
  },
  word_cloud: {
    color_scheme: null, row_limit: 100,
  },
  world_map: {
    row_limit: 10000,
  },
};

const names = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/u));

/** The line chart and the time series that is any of several charts have one panel. */
const LINES = names(`
    adhoc_filters annotation_layers area color_scheme comparison_type contributionMode currency_format echart_options force_max_interval
    forecastEnabled forecastInterval forecastPeriods forecastSeasonalityDaily forecastSeasonalityWeekly forecastSeasonalityYearly
    group_others_when_limit_reached groupby legendMargin legendOrientation legendSort legendType limit logAxis markerEnabled markerSize metrics
    min_periods minorSplitLine minorTicks only_total opacity order_desc percentage_threshold resample_method resample_rule rich_tooltip
    rolling_periods rolling_type row_limit showTooltipPercentage showTooltipTotal show_empty_columns show_legend show_value sort_series_ascending
    sort_series_type stack time_compare time_grain_sqla time_shift_color timeseries_limit_metric tooltipSortByMetric tooltipTimeFormat truncateXAxis
    truncateYAxis truncate_metric xAxisBounds xAxisForceCategorical xAxisLabelInterval xAxisLabelRotation x_axis x_axis_number_format x_axis_sort
    x_axis_sort_asc x_axis_time_format x_axis_title x_axis_title_margin y_axis_bounds y_axis_format y_axis_title y_axis_title_margin
    y_axis_title_position zoomable`);

/** By visualisation: names of its controls, of those that are empty too. `*`: those that all of them have. */
export const CONTROL_NAMES: Readonly<Record<string, ReadonlySet<string>>> = {
  "*": names(`
    matrixify_all_sort_by_columns matrixify_all_sort_by_rows matrixify_cell_title_template matrixify_charts_per_row matrixify_columns
    matrixify_dimension_columns matrixify_dimension_rows matrixify_dimension_selection_mode_columns matrixify_dimension_selection_mode_rows
    matrixify_enable matrixify_fit_columns_dynamically matrixify_mode_columns matrixify_mode_rows matrixify_row_height matrixify_rows
    matrixify_show_column_headers matrixify_show_row_labels matrixify_topn_dimension_columns matrixify_topn_dimension_rows
    matrixify_topn_metric_columns matrixify_topn_metric_rows matrixify_topn_order_columns matrixify_topn_order_rows matrixify_topn_value_columns
    matrixify_topn_value_rows`),
  big_number: names(`
    adhoc_filters aggregation color_picker compare_lag compare_suffix currency_format force_timestamp_formatting header_font_size metric
    metric_name_font_size min_periods resample_method resample_rule rolling_periods rolling_type show_metric_name show_timestamp show_trend_line
    show_x_axis show_x_axis_min_max_labels show_y_axis show_y_axis_min_max_labels start_y_axis_at_zero subheader_font_size subtitle subtitle_font_size
    time_format time_grain_sqla time_range_fixed x_axis y_axis_format`),
  big_number_total: names(`
    adhoc_filters conditional_formatting currency_format force_timestamp_formatting header_font_size metric metric_name_font_size show_metric_name
    subtitle subtitle_font_size time_format y_axis_format`),
  box_plot: names(`
    adhoc_filters color_scheme columns date_format groupby metrics number_format row_limit series_limit series_limit_metric time_grain_sqla
    whiskerOptions x_axis_title x_axis_title_margin x_ticks_layout y_axis_title y_axis_title_margin y_axis_title_position zoomable`),
  bubble: names(`
    adhoc_filters bottom_margin color_scheme entity left_margin limit max_bubble_size series show_legend size x x_axis_format x_axis_label
    x_axis_showminmax x_log_scale x_ticks_layout y y_axis_bounds y_axis_format y_axis_label y_axis_showminmax y_log_scale`),
  bubble_v2: names(`
    adhoc_filters color_scheme entity legendMargin legendOrientation legendSort legendType logXAxis logYAxis max_bubble_size opacity order_desc
    orderby row_limit series show_legend size tooltipSizeFormat truncateXAxis truncateYAxis x xAxisBounds xAxisFormat xAxisLabelInterval
    xAxisLabelRotation x_axis_label x_axis_title_margin y yAxisLabelRotation y_axis_bounds y_axis_format y_axis_label y_axis_title_margin`),
  bullet: names(`
    adhoc_filters marker_labels marker_line_labels marker_lines markers metric range_labels ranges`),
  cal_heatmap: names(`
    adhoc_filters cell_padding cell_radius cell_size domain_granularity granularity_sqla linear_color_scheme metrics show_legend show_metric_name
    show_values steps subdomain_granularity time_range x_axis_time_format y_axis_format`),
  cartodiagram: names(`
    chart_background_border_radius chart_background_color chart_size geom_column layer_configs map_view selected_chart`),
  chord: names(`
    adhoc_filters color_scheme columns groupby metric row_limit sort_by_metric y_axis_format`),
  compare: names(`
    adhoc_filters annotation_layers bottom_margin color_scheme comparison_type contribution granularity_sqla groupby left_margin limit metrics
    min_periods order_desc resample_method resample_rule rolling_periods rolling_type row_limit time_compare time_grain_sqla time_range
    timeseries_limit_metric x_axis_format x_axis_label x_axis_showminmax x_ticks_layout y_axis_bounds y_axis_format y_axis_label y_axis_showminmax
    y_log_scale`),
  country_map: names(`
    adhoc_filters entity linear_color_scheme metric number_format select_country`),
  deck_arc: names(`
    adhoc_filters autozoom color_picker color_scheme color_scheme_type dimension end_spatial filter_nulls js_columns js_data_mutator js_onclick_href
    js_tooltip legend_format legend_position mapbox_style row_limit start_spatial stroke_width target_color_picker tooltip_contents tooltip_template
    viewport`),
  deck_contour: names(`
    adhoc_filters aggregation autozoom cellSize contours filter_nulls js_columns js_data_mutator js_onclick_href js_tooltip mapbox_style row_limit
    size spatial tooltip_contents tooltip_template viewport`),
  deck_geojson: names(`
    adhoc_filters autozoom enable_icon_javascript_mode enable_icons enable_label_javascript_mode enable_labels extruded fill_color_picker filled
    filter_nulls geojson icon_javascript_config_generator icon_size icon_size_unit icon_url js_columns js_data_mutator js_onclick_href js_tooltip
    label_color label_javascript_config_generator label_property_name label_size label_size_unit line_width line_width_unit mapbox_style
    point_radius_scale row_limit stroke_color_picker stroked tooltip_contents tooltip_template viewport`),
  deck_grid: names(`
    adhoc_filters autozoom color_breakpoints color_picker color_scheme color_scheme_type default_breakpoint_color extruded filter_nulls grid_size
    js_columns js_data_mutator js_onclick_href js_tooltip legend_position mapbox_style row_limit size spatial tooltip_contents tooltip_template
    viewport`),
  deck_heatmap: names(`
    adhoc_filters aggregation autozoom color_picker color_scheme_type filter_nulls intensity js_columns js_data_mutator js_onclick_href js_tooltip
    linear_color_scheme mapbox_style radius_pixels row_limit size spatial tooltip_contents tooltip_template viewport`),
  deck_hex: names(`
    adhoc_filters autozoom color_breakpoints color_picker color_scheme color_scheme_type default_breakpoint_color extruded filter_nulls grid_size
    js_agg_function js_columns js_data_mutator js_onclick_href js_tooltip mapbox_style row_limit size spatial tooltip_contents tooltip_template
    viewport`),
  deck_multi: names(`
    adhoc_filters autozoom deck_slices mapbox_style viewport`),
  deck_path: names(`
    adhoc_filters autozoom color_picker filter_nulls js_columns js_data_mutator js_onclick_href js_tooltip line_column line_type line_width
    line_width_unit mapbox_style reverse_long_lat row_limit tooltip_contents tooltip_template viewport`),
  deck_polygon: names(`
    adhoc_filters autozoom break_points color_breakpoints color_scheme_type default_breakpoint_color extruded fill_color_picker filled filter_nulls
    js_columns js_data_mutator js_onclick_href js_tooltip legend_format legend_position line_column line_type line_width line_width_unit
    linear_color_scheme mapbox_style metric multiplier num_buckets opacity point_radius_fixed reverse_long_lat row_limit stroke_color_picker stroked
    tooltip_contents tooltip_template viewport`),
  deck_scatter: names(`
    adhoc_filters autozoom color_breakpoints color_picker color_scheme color_scheme_type default_breakpoint_color dimension filter_nulls granularity
    js_columns js_data_mutator js_onclick_href js_tooltip legend_format legend_position mapbox_style max_radius min_radius multiplier
    point_radius_fixed point_unit row_limit spatial time_grain_sqla tooltip_contents tooltip_template viewport`),
  deck_screengrid: names(`
    adhoc_filters autozoom color_picker color_scheme color_scheme_type filter_nulls grid_size js_columns js_data_mutator js_onclick_href js_tooltip
    mapbox_style row_limit size spatial tooltip_contents tooltip_template viewport`),
  echarts_area: names(`
    adhoc_filters annotation_layers color_scheme comparison_type contributionMode currency_format echart_options force_max_interval forecastEnabled
    forecastInterval forecastPeriods forecastSeasonalityDaily forecastSeasonalityWeekly forecastSeasonalityYearly group_others_when_limit_reached
    groupby legendMargin legendOrientation legendSort legendType limit logAxis markerEnabled markerSize metrics min_periods minorSplitLine minorTicks
    only_total opacity order_desc percentage_threshold resample_method resample_rule rich_tooltip rolling_periods rolling_type row_limit seriesType
    showTooltipPercentage showTooltipTotal show_empty_columns show_extra_controls show_legend show_value sort_series_ascending sort_series_type stack
    time_compare time_grain_sqla time_shift_color timeseries_limit_metric tooltipSortByMetric tooltipTimeFormat truncateXAxis truncateYAxis
    truncate_metric xAxisBounds xAxisForceCategorical xAxisLabelInterval xAxisLabelRotation x_axis x_axis_number_format x_axis_sort x_axis_sort_asc
    x_axis_time_format x_axis_title x_axis_title_margin y_axis_bounds y_axis_format y_axis_title y_axis_title_margin y_axis_title_position zoomable`),
  echarts_timeseries: LINES,
  echarts_timeseries_bar: names(`
    adhoc_filters annotation_layers color_by_primary_axis color_scheme comparison_type contributionMode currency_format echart_options
    force_max_interval forecastEnabled forecastInterval forecastPeriods forecastSeasonalityDaily forecastSeasonalityWeekly forecastSeasonalityYearly
    group_others_when_limit_reached groupby legendMargin legendOrientation legendSort legendType limit logAxis metrics min_periods minorSplitLine
    minorTicks only_total order_desc orientation percentage_threshold resample_method resample_rule rich_tooltip rolling_periods rolling_type
    row_limit showTooltipPercentage showTooltipTotal show_empty_columns show_legend show_value sort_series_ascending sort_series_type stack
    stackDimension time_compare time_grain_sqla time_shift_color timeseries_limit_metric tooltipSortByMetric tooltipTimeFormat truncateXAxis
    truncateYAxis truncate_metric xAxisBounds xAxisForceCategorical xAxisLabelInterval xAxisLabelRotation x_axis x_axis_number_format x_axis_sort
    x_axis_sort_asc x_axis_time_format x_axis_title x_axis_title_margin y_axis_bounds y_axis_format y_axis_title y_axis_title_margin
    y_axis_title_position zoomable`),
  echarts_timeseries_line: LINES,
  echarts_timeseries_scatter: names(`
    adhoc_filters annotation_layers color_scheme comparison_type contributionMode currency_format force_max_interval forecastEnabled forecastInterval
    forecastPeriods forecastSeasonalityDaily forecastSeasonalityWeekly forecastSeasonalityYearly group_others_when_limit_reached groupby legendMargin
    legendOrientation legendSort legendType limit logAxis markerEnabled markerSize metrics min_periods minorSplitLine minorTicks only_total order_desc
    percentage_threshold resample_method resample_rule rich_tooltip rolling_periods rolling_type row_limit showTooltipPercentage showTooltipTotal
    show_empty_columns show_legend show_value sort_series_ascending sort_series_type stack time_compare time_grain_sqla time_shift_color
    timeseries_limit_metric tooltipSortByMetric tooltipTimeFormat truncateXAxis truncateYAxis truncate_metric xAxisBounds xAxisForceCategorical
    xAxisLabelInterval xAxisLabelRotation x_axis x_axis_number_format x_axis_sort x_axis_sort_asc x_axis_time_format x_axis_title x_axis_title_margin
    y_axis_bounds y_axis_format y_axis_title y_axis_title_margin y_axis_title_position zoomable`),
  echarts_timeseries_smooth: names(`
    adhoc_filters annotation_layers color_scheme comparison_type contributionMode currency_format echart_options force_max_interval forecastEnabled
    forecastInterval forecastPeriods forecastSeasonalityDaily forecastSeasonalityWeekly forecastSeasonalityYearly group_others_when_limit_reached
    groupby legendMargin legendOrientation legendSort legendType limit logAxis markerEnabled markerSize metrics min_periods minorSplitLine minorTicks
    only_total order_desc resample_method resample_rule rich_tooltip rolling_periods rolling_type row_limit showTooltipPercentage showTooltipTotal
    show_empty_columns show_legend show_value sort_series_ascending sort_series_type time_compare time_grain_sqla time_shift_color
    timeseries_limit_metric tooltipSortByMetric tooltipTimeFormat truncateXAxis truncateYAxis truncate_metric xAxisBounds xAxisForceCategorical
    xAxisLabelInterval xAxisLabelRotation x_axis x_axis_number_format x_axis_sort x_axis_sort_asc x_axis_time_format x_axis_title x_axis_title_margin
    y_axis_bounds y_axis_format y_axis_title y_axis_title_margin y_axis_title_position zoomable`),
  echarts_timeseries_step: names(`
    adhoc_filters annotation_layers area color_scheme comparison_type contributionMode currency_format force_max_interval forecastEnabled
    forecastInterval forecastPeriods forecastSeasonalityDaily forecastSeasonalityWeekly forecastSeasonalityYearly group_others_when_limit_reached
    groupby legendMargin legendOrientation legendSort legendType limit logAxis markerEnabled markerSize metrics min_periods minorSplitLine minorTicks
    only_total opacity order_desc percentage_threshold resample_method resample_rule rich_tooltip rolling_periods rolling_type row_limit seriesType
    showTooltipPercentage showTooltipTotal show_empty_columns show_legend show_value sort_series_ascending sort_series_type stack time_compare
    time_grain_sqla time_shift_color timeseries_limit_metric tooltipSortByMetric tooltipTimeFormat truncateXAxis truncateYAxis truncate_metric
    xAxisBounds xAxisForceCategorical xAxisLabelInterval xAxisLabelRotation x_axis x_axis_number_format x_axis_sort x_axis_sort_asc x_axis_time_format
    x_axis_title x_axis_title_margin y_axis_bounds y_axis_format y_axis_title y_axis_title_margin y_axis_title_position zoomable`),
  funnel: names(`
    adhoc_filters color_scheme currency_format groupby label_type legendMargin legendOrientation legendSort metric number_format
    percent_calculation_type row_limit show_labels show_legend show_tooltip_labels sort_by_metric tooltip_label_type`),
  gantt_chart: names(`
    adhoc_filters color_scheme end_time legendMargin legendOrientation legendSort legendType order_by_cols row_limit series show_extra_controls
    show_legend start_time subcategories tooltipTimeFormat tooltipValuesFormat tooltip_columns tooltip_metrics x_axis_time_bounds x_axis_time_format
    x_axis_title x_axis_title_margin y_axis y_axis_title y_axis_title_margin zoomable`),
  gauge_chart: names(`
    adhoc_filters animation color_scheme currency_format end_angle font_size groupby interval_color_indices intervals max_val metric min_val
    number_format overlap round_cap row_limit show_axis_tick show_pointer show_progress show_split_line sort_by_metric split_number start_angle
    value_formatter`),
  graph_chart: names(`
    adhoc_filters baseEdgeWidth baseNodeSize color_scheme draggable edgeLength edgeSymbol friction gravity layout legendMargin legendOrientation
    legendSort legendType metric repulsion roam row_limit selectedMode showSymbolThreshold show_legend source source_category target target_category`),
  handlebars: names(`
    adhoc_filters all_columns groupby handlebarsTemplate include_time metrics order_by_cols order_desc percent_metrics query_mode row_limit
    show_totals styleTemplate timeseries_limit_metric`),
  heatmap_v2: names(`
    adhoc_filters border_color border_width bottom_margin currency_format groupby left_margin legend_type linear_color_scheme metric normalize_across
    normalized row_limit show_legend show_percentage show_values sort_x_axis sort_y_axis time_grain_sqla value_bounds xAxisLabelRotation x_axis
    x_axis_time_format xscale_interval y_axis_format yscale_interval`),
  histogram_v2: names(`
    adhoc_filters bins color_scheme column cumulative groupby normalize row_limit show_legend show_value x_axis_format x_axis_title y_axis_format
    y_axis_title`),
  horizon: names(`
    adhoc_filters contribution granularity_sqla groupby horizon_color_scale limit metrics order_desc row_limit series_height time_range
    timeseries_limit_metric`),
  mapbox: names(`
    adhoc_filters all_columns_x all_columns_y clustering_radius global_opacity groupby mapbox_color mapbox_label mapbox_style pandas_aggfunc
    point_radius point_radius_unit render_while_dragging row_limit viewport_latitude viewport_longitude viewport_zoom`),
  mixed_timeseries: names(`
    adhoc_filters adhoc_filters_b annotation_layers area areaB color_scheme comparison_type comparison_type_b currency_format
    currency_format_secondary echart_options force_max_interval groupby groupby_b legendMargin legendOrientation legendSort legendType limit limit_b
    logAxis logAxisSecondary markerEnabled markerEnabledB markerSize markerSizeB metrics metrics_b min_periods min_periods_b minorSplitLine minorTicks
    only_total only_totalB opacity opacityB order_desc order_desc_b resample_method resample_method_b resample_rule resample_rule_b rich_tooltip
    rolling_periods rolling_periods_b rolling_type rolling_type_b row_limit row_limit_b seriesType seriesTypeB showTooltipPercentage showTooltipTotal
    show_legend show_query_identifiers show_value show_valueB sort_series_ascending sort_series_ascendingB sort_series_type sort_series_typeB stack
    stackB time_compare time_compare_b time_grain_sqla time_shift_color timeseries_limit_metric timeseries_limit_metric_b tooltipSortByMetric
    tooltipTimeFormat truncateXAxis truncateYAxis truncate_metric truncate_metric_b xAxisBounds xAxisLabelInterval xAxisLabelRotation x_axis
    x_axis_time_format x_axis_title x_axis_title_margin yAxisIndex yAxisIndexB yAxisTitleSecondary y_axis_bounds y_axis_bounds_secondary y_axis_format
    y_axis_format_secondary y_axis_title y_axis_title_margin y_axis_title_position zoomable`),
  paired_ttest: names(`
    adhoc_filters contribution groupby liftvalue_precision limit metrics order_desc pvalue_precision row_limit significance_level
    timeseries_limit_metric`),
  para: names(`
    adhoc_filters include_series limit linear_color_scheme metrics order_desc row_limit secondary_metric series show_datatable timeseries_limit_metric`),
  partition: names(`
    adhoc_filters color_scheme comparison_type contribution date_time_format equal_date_size groupby limit log_scale metrics min_periods number_format
    order_desc partition_limit partition_threshold resample_method resample_rule rich_tooltip rolling_periods rolling_type row_limit time_compare
    time_series_option timeseries_limit_metric`),
  pie: names(`
    adhoc_filters color_scheme currency_format date_format donut groupby innerRadius label_line label_template label_type labels_outside legendMargin
    legendOrientation legendSort legendType metric number_format outerRadius roseType row_limit show_labels show_labels_threshold show_legend
    show_total sort_by_metric threshold_for_other`),
  pivot_table_v2: names(`
    adhoc_filters aggregateFunction allow_render_html colOrder colSubTotals colSubtotalPosition colTotals combineMetric conditional_formatting
    currency_format date_format groupbyColumns groupbyRows metrics metricsLayout order_desc rowOrder rowSubTotals rowSubtotalPosition rowTotals
    row_limit series_limit series_limit_metric time_grain_sqla transposePivot valueFormat`),
  radar: names(`
    adhoc_filters color_scheme column_config date_format groupby is_circle label_position label_type legendMargin legendOrientation legendSort
    legendType metrics number_format row_limit show_labels show_legend timeseries_limit_metric`),
  rose: names(`
    adhoc_filters color_scheme comparison_type contribution date_time_format granularity_sqla groupby limit metrics min_periods number_format
    order_desc resample_method resample_rule rich_tooltip rolling_periods rolling_type rose_area_proportion row_limit time_compare time_grain_sqla
    time_range timeseries_limit_metric`),
  sankey_v2: names(`
    adhoc_filters color_scheme metric row_limit sort_by_metric source target`),
  sunburst_v2: names(`
    adhoc_filters color_scheme columns currency_format date_format label_type linear_color_scheme metric number_format row_limit secondary_metric
    show_labels show_labels_threshold show_total sort_by_metric`),
  table: names(`
    adhoc_filters align_pn all_columns allow_rearrange_columns allow_render_html color_pn column_config comparison_color_enabled
    comparison_color_scheme comparison_range_label comparison_type conditional_formatting groupby include_search metrics order_by_cols order_desc
    page_length percent_metric_calculation percent_metrics query_mode row_limit server_page_length server_pagination show_cell_bars show_totals
    start_date_offset table_timestamp_format time_compare time_grain_sqla timeseries_limit_metric`),
  time_pivot: names(`
    adhoc_filters bottom_margin color_picker freq granularity_sqla left_margin line_interpolation metric show_legend time_grain_sqla time_range
    x_axis_format x_axis_label x_axis_showminmax y_axis_bounds y_axis_format y_axis_label y_axis_showminmax y_log_scale`),
  time_table: names(`
    adhoc_filters column_collection granularity_sqla groupby limit metrics row_limit time_grain_sqla time_range url`),
  tree_chart: names(`
    adhoc_filters child_label_position emphasis id initialTreeDepth layout metric name node_label_position orient parent roam root_node_id row_limit
    symbol symbolSize`),
  treemap_v2: names(`
    adhoc_filters color_scheme currency_format date_format groupby label_type metric number_format row_limit show_labels show_upper_labels
    sort_by_metric`),
  waterfall: names(`
    adhoc_filters currency_format decrease_color decrease_label groupby increase_color increase_label metric row_limit show_legend show_total
    show_value time_grain_sqla total_color total_label x_axis x_axis_label x_axis_time_format x_ticks_layout y_axis_format y_axis_label`),
  word_cloud: names(`
    adhoc_filters color_scheme metric rotation row_limit series size_from size_to sort_by_metric`),
  world_map: names(`
    adhoc_filters color_by color_picker color_scheme country_fieldtype currency_format entity linear_color_scheme max_bubble_size metric row_limit
    secondary_metric show_bubbles sort_by_metric y_axis_format`),
};
