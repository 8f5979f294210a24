"""Reads a JSON list of argument lists, gives each to the AWS CLI up to the point
where it would send the call, and writes a JSON list of complaints ("" if none)."""
import contextlib
import io
import json
import sys

from awscli import clidriver
from botocore.validate import ParamValidator

sent = []


def check(self, service_name, operation_name, parameters, parsed_globals):
    """Stands in for sending the call: holds its parameters to the service model."""
    shape = self._session.get_service_model(service_name).operation_model(operation_name).input_shape
    if shape is not None:
        report = ParamValidator().validate(parameters, shape)
        if report.has_errors():
            raise ValueError(report.generate_report())
    sent.append(operation_name)
    return 0


clidriver.CLIOperationCaller.invoke = check


def complaint(driver, argv):
    sent.clear()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = driver.main(list(argv))
        except SystemExit as e:
            code = e.code
        except Exception as e:  # a fault of the CLI is a complaint too
            code, err = 1, io.StringIO(repr(e))
    if code == 0 and len(sent) == 1:
        return ""
    return " ".join(err.getvalue().split())[-400:] or "nothing was sent"


driver = clidriver.create_clidriver()
answers = []
for argv in json.load(sys.stdin):
    # The high-level s3 commands talk to S3 before anything can be checked.
    if argv[0] == "s3":
        answers.append("" if argv[1] in ("sync", "ls", "cp") else "unknown s3 command")
        continue
    answer = complaint(driver, argv)
    if answer:  # some commands leave handlers behind that trip the next: ask a fresh one
        driver = clidriver.create_clidriver()
        answer = complaint(driver, argv)
    answers.append(answer)
json.dump(answers, sys.stdout)
