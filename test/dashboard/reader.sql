-- Who looks at the page: SELECT on its views, as doc/dashboard/README.md grants it.
DROP ROLE IF EXISTS dashboard_reader;
CREATE ROLE dashboard_reader LOGIN;
GRANT USAGE ON SCHEMA report_taper, report_repeated, report_neuropathy TO dashboard_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA report_taper, report_repeated, report_neuropathy TO dashboard_reader;
