from supervision.cli import main

main(prog_name="supervision")
